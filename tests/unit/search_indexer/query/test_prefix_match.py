import pytest

from search_indexer.query.prefix_match import nearest_beginning, words_as_meant, words_of


@pytest.mark.parametrize(
    ("typed", "word", "edits", "length"),
    [
        ("velvor", "velvoria", 0, 6),
        ("velvpria", "velvoria", 1, 8),
        ("vlevoria", "velvoria", 1, 8),
        ("velvooria", "velvoria", 1, 8),
        ("elvoria", "velvoria", 7, 0),
        ("hdmo", "hdmi", 1, 4),
        ("abc", "a", 2, 1),
    ],
)
def test_edits_are_counted_to_the_nearest_beginning(typed: str, word: str, edits: int, length: int) -> None:
    assert nearest_beginning(typed, word) == (edits, length)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ink cra", "ink car"),
        ("imk cart", "ink cart"),
        ("ink xyz", "ink xyz"),
        ("inkt", "ink"),
        ("in", "in"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_words_are_written_as_the_names_found_have_them(typed: str, meant: str) -> None:
    assert words_as_meant(typed, ["Ink cartridge", "Étui"]) == meant


def test_words_are_told_apart_without_case_and_accents() -> None:
    assert words_of("Étui, LARGE") == ["etui", "large"]
    assert words_of("USB-C 3.1") == ["usb", "c", "3", "1"]
