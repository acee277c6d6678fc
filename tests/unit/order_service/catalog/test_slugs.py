"""Slugs are ASCII words, unique, and never look like an id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.catalog.slugs import is_slug, slug_of, unique_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Home & Office", "home-office"),
        ("HDMI/DisplayPort cable", "hdmi-displayport-cable"),
        ("Café à la crème", "cafe-a-la-creme"),
        ("uninterruptible power supply (UPS)", "uninterruptible-power-supply-ups"),
        ("日本", "category"),
        ("3000", "category-3000"),
    ],
)
def test_a_name_is_folded(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_taken_slug_gets_its_parents_and_then_a_number() -> None:
    taken = {"other"}
    for expected in ("other-cables", "other-cables-2", "other-cables-3"):
        assert unique_slug("Other", "cables", taken) == expected
        taken.add(expected)
    assert unique_slug("Other", None, taken) == "other-2"


@given(st.text(min_size=1, max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_name_makes_a_slug_that_is_free(name: str, more: list[str]) -> None:
    taken: set[str] = set()
    for each in (name, name, name, *more):
        slug = unique_slug(each, "parent", taken)
        assert is_slug(slug)
        assert slug not in taken
        taken.add(slug)


@pytest.mark.parametrize("text", ["", "-a", "a-", "a--b", "A", "ä", "12", "a b", "a" * 201])
def test_what_is_no_slug(text: str) -> None:
    assert not is_slug(text)
