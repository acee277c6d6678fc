from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.prefix_match import words_of
from search_indexer.query.prefix_table import PrefixTable


def table(*names: str) -> PrefixTable[str]:
    return PrefixTable((name, name) for name in names)


def test_a_name_is_found_by_the_beginning_of_any_of_its_words() -> None:
    names = table("HDMI cable", "USB hub", "Étui")
    assert names.find("hdmi c", 5) == ["HDMI cable"]
    assert names.find("cab", 5) == ["HDMI cable"]
    assert names.find("ETU", 5) == ["Étui"]
    assert names.find("able", 5) == names.find("", 5) == names.find("?", 5) == []


def test_names_that_begin_so_come_first_and_then_the_better_ones() -> None:
    names = table("black cable", "cable tie", "cable")
    assert names.find("cab", 5) == ["cable tie", "cable", "black cable"]
    assert names.find("cab", 2) == ["cable tie", "cable"]


def test_a_name_with_two_such_words_is_given_once() -> None:
    assert table("cable and cable tie", "cables").find("cable", 5) == ["cable and cable tie", "cables"]


@given(st.lists(st.text(alphabet="ab c", max_size=8), max_size=12), st.text(alphabet="ab c", max_size=4))
def test_what_is_found_is_what_looking_at_every_name_finds(names: list[str], typed: str) -> None:
    beginning = " ".join(words_of(typed))
    keyed = {name: [" ".join(words_of(name)[at:]) for at in range(len(words_of(name)))] for name in names}
    wanted = {name for name, keys in keyed.items() if beginning and any(key.startswith(beginning) for key in keys)}
    assert set(table(*names).find(typed, 100)) == wanted
