import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.synonyms import (
    MOST_VARIANT_WORDS,
    MOST_VARIANTS,
    NO_SYNONYMS,
    SynonymSet,
    synonym_table,
    variants,
)

TABLE = synonym_table(
    [
        SynonymSet(words=["tv", "television", "flat screen"]),
        SynonymSet(words=["ipad"], typed="tablet"),
        SynonymSet(words=["telly"], typed="TV"),
        SynonymSet(words=["screen", "display"]),
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("television", ["television", "tv", "flat screen"]),
        ("Sony TV 55", ["Sony TV 55", "Sony television 55", "Sony flat screen 55", "Sony telly 55"]),
        ("tablets", ["tablets", "ipad"]),
        ("ipad", ["ipad"]),
        ("telly", ["telly"]),
        ("nothing known", ["nothing known"]),
        ("", [""]),
    ],
)
def test_sets_work_both_ways_and_typed_terms_one_way(typed: str, meant: list[str]) -> None:
    assert variants(typed, TABLE) == meant


def test_the_longest_term_counts_at_each_place() -> None:
    assert variants("flat screens", TABLE) == ["flat screens", "tv", "television", "flat screen"]
    assert variants("wide screens", TABLE) == ["wide screens", "wide screen", "wide display"]


def test_single_replacements_come_before_several() -> None:
    table = synonym_table([SynonymSet(words=["a1", "a2"]), SynonymSet(words=["b1", "b2"])])
    assert variants("a1 b1", table) == ["a1 b1", "a2 b1", "a1 b2", "a2 b2"]


def test_without_synonyms_the_text_stays_alone() -> None:
    assert variants("tv", NO_SYNONYMS) == ["tv"]


def test_the_work_is_bounded_whatever_staff_and_shoppers_write() -> None:
    table = synonym_table([SynonymSet(words=[f"w{each}" for each in range(50)])])
    assert len(variants("w1 w2", table)) == MOST_VARIANTS
    assert variants("w1 " * 64, table) == ["w1 " * 64]


@given(st.lists(st.sampled_from(["tv", "TELEVISION", "flat", "screen", "é", "\u200b", "-", "x"]), max_size=30))
def test_what_was_typed_comes_first_and_nothing_twice(words: list[str]) -> None:
    text = " ".join(words)
    found = variants(text, TABLE)
    assert found[0] == text
    assert len(set(found)) == len(found) <= MOST_VARIANTS
    assert len(found) <= max(1, MOST_VARIANT_WORDS // max(1, sum(word.isalpha() for word in words)))
