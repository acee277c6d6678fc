import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.highlights import FRAGMENT, Marker, stem


def title(marked: str, *texts: str) -> str | None:
    return Marker(texts).highlight(re.sub(r"</?em>", "", marked), "").get("title")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("cable", "HDMI <em>Cables</em>, 2 m"),
        ("cables hdmi", "<em>HDMI</em> <em>cable</em> for a cablecar"),
        ("batteries", "UPS <em>battery</em> pack"),
        ("charge", "Fast <em>charging</em> dock, <em>charger</em>less".replace("<em>charger</em>", "charger")),
        ("angstrom café", "<em>Ångström</em> <em>CAFÉ</em>"),
        ("hp c4872b", "<em>HP</em> <em>C4872B</em> C4872BX"),
        ("bus", "<em>Bus</em> for USB busbars"),
        ("head set headset", "USB <em>headset</em>, <em>set</em> of two"),
    ],
)
def test_whole_words_are_marked_in_whatever_form(text: str, marked: str) -> None:
    assert title(marked, text) == marked


def test_nothing_is_marked_where_nothing_is_found() -> None:
    assert Marker(["lamp"]).highlight("Chair", "made of oak") == {}
    assert Marker(["", "!?"]).highlight("Chair", "made of oak") == {}


def test_markup_is_escaped_inside_and_outside_of_marks() -> None:
    marked = Marker(["b"]).highlight("<b>Tom & Jerry's</b>", "")["title"]
    assert marked == "&lt;<em>b</em>&gt;Tom &amp; Jerry&#x27;s&lt;&#x2F;<em>b</em>&gt;"


def test_of_a_long_description_the_part_with_most_words_is_shown() -> None:
    description = "A cable. " + "filler words " * 30 + "An HDMI cable of two metres. " + "more filler " * 30
    part = Marker(["hdmi cable"]).highlight("", description)["description"]
    assert "<em>HDMI</em> <em>cable</em>" in part
    plain = re.sub(r"</?em>", "", part)
    assert plain in description
    assert len(plain) <= FRAGMENT
    assert description[description.index(plain) - 1] == " "


@given(st.text(max_size=400), st.text(max_size=30))
def test_without_its_marks_a_highlight_is_a_part_of_the_text(description: str, query: str) -> None:
    escaped = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "/": "&#x2F;"})
    marked = Marker([query]).highlight(description, description)
    for part in marked.values():
        assert re.sub(r"</?em>", "", part) in description.translate(escaped)
        assert part.count("<em>") == part.count("</em>") > 0


@given(st.from_regex(r"\A[a-z]{1,12}\Z"))
def test_a_stem_begins_its_word(word: str) -> None:
    assert word.startswith(stem(word))
    assert stem(word)
