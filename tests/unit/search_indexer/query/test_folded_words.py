import pytest

from search_indexer.query.folded_words import composed, folded, folded_words, words_in


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Télés", "tele"),
        ("TVs", "tv"),
        ("cables", "cable"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("STRASSE", "strasse"),
    ],
)
def test_case_accents_and_a_plural_s_do_not_matter(word: str, expected: str) -> None:
    assert folded(word) == expected


def test_words_know_where_they_stand() -> None:
    text = composed("Wi-Fi  cafe\u0301s!")
    assert [text[each.start : each.end] for each in words_in(text)] == ["Wi", "Fi", "cafés"]
    assert folded_words("Wi-Fi  cafe\u0301s!") == ("wi", "fi", "cafe")
    assert folded_words(" -- ") == ()
