import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.typed_text import LONGEST_QUERY, MOST_WORDS, readable


@pytest.mark.parametrize(
    ("typed", "read"),
    [("", ""), ("  hdmi \t cable\n", "hdmi cable"), ("\0", ""), ("a\0b", "a b"), ("\ud800x", "x"), ("עברית", "עברית")],
)
def test_text_is_cleaned(typed: str, read: str) -> None:
    assert readable(typed) == read


def test_long_text_is_cut() -> None:
    assert len(readable("a" * 5_000)) == LONGEST_QUERY
    assert len(readable("a " * 5_000).split()) == MOST_WORDS


@given(st.text(alphabet=st.characters(), max_size=2_000))
def test_whatever_is_typed_becomes_bounded_text_that_utf8_can_carry(typed: str) -> None:
    read = readable(typed)
    assert len(read) <= LONGEST_QUERY
    assert readable(read) == read
    read.encode()
