import pytest

from search_indexer.query.prefix_match import has_word_beginning, prefix_distance


@pytest.mark.parametrize(
    ("typed", "word", "distance"),
    [
        ("velvor", "velvoria", 0),
        ("velvpria", "velvoria", 1),
        ("vlevoria", "velvoria", 1),
        ("velvooria", "velvoria", 1),
        ("elvoria", "velvoria", 7),
        ("abc", "a", 2),
    ],
)
def test_edits_are_counted_to_the_nearest_beginning(typed: str, word: str, distance: int) -> None:
    assert prefix_distance(typed, word) == distance


@pytest.mark.parametrize(
    ("typed", "misspelt", "begins"),
    [
        ("ink car", False, True),
        ("ink cra", False, False),
        ("ink cra", True, True),
        ("ÉTUI", False, False),
        ("", False, False),
        ("?!", True, False),
    ],
)
def test_the_last_typed_word_decides(typed: str, *, misspelt: bool, begins: bool) -> None:
    assert has_word_beginning("Ink cartridge", typed, misspelt=misspelt) is begins
    assert has_word_beginning("étui", "ETU", misspelt=misspelt)
