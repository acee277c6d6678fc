from collections.abc import Collection, Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.fusion import MEANING_WEIGHT, RANK_CONSTANT, WINDOW, Ranked, fused
from search_indexer.query.nearest import NEAREST

rankings = st.lists(st.integers(1, 60), unique=True, max_size=40)


def ranking(ids: Iterable[int]) -> list[Ranked]:
    """Rank products without a group."""
    return [Ranked(each, f"p:{each}") for each in ids]


def fused_ids(
    by_words: Iterable[int], by_meaning: Iterable[int], pins: Sequence[int] = (), buried: Collection[int] = ()
) -> list[int]:
    return [each.id for each in fused(ranking(by_words), ranking(by_meaning), pins, buried)]


def test_what_both_rankings_hold_comes_before_what_one_holds() -> None:
    assert fused_ids([1, 2, 3], [9, 3]) == [3, 1, 2, 9]


def test_words_weigh_more_than_meaning_and_equal_scores_go_by_the_id() -> None:
    assert fused_ids([7], [5]) == [7, 5]
    assert fused_ids([], [8, 4]) == [8, 4]
    assert fused_ids([2, 1], []) == [2, 1]


def test_every_product_by_meaning_stands_before_the_last_by_words_that_are_fused() -> None:
    last_by_meaning = MEANING_WEIGHT / (RANK_CONSTANT + NEAREST)
    assert last_by_meaning > 1 / (RANK_CONSTANT + WINDOW)
    by_words, by_meaning = list(range(1, WINDOW + 1)), list(range(1_001, 1_001 + NEAREST))
    assert fused_ids(by_words, by_meaning).index(by_meaning[-1]) < WINDOW


@given(by_words=rankings, by_meaning=rankings, pins=rankings, buried=st.sets(st.integers(1, 60)))
def test_all_that_was_ranked_comes_once_pins_first_and_nothing_buried(
    by_words: list[int], by_meaning: list[int], pins: list[int], buried: set[int]
) -> None:
    buried -= set(pins)
    ids = fused_ids(by_words, by_meaning, pins, buried)
    assert sorted(ids) == sorted({*by_words, *by_meaning} - buried)
    leading = [each for each in pins if each in {*by_words, *by_meaning}]
    assert ids[: len(leading)] == leading


@given(by_words=rankings, by_meaning=rankings)
def test_a_product_that_is_ahead_in_both_rankings_is_ahead(by_words: list[int], by_meaning: list[int]) -> None:
    place = {product: at for at, product in enumerate(fused_ids(by_words, by_meaning))}
    both = [each for each in by_words if each in by_meaning]
    for one in both:
        for other in both:
            if by_words.index(one) < by_words.index(other) and by_meaning.index(one) < by_meaning.index(other):
                assert place[one] < place[other]


def test_a_group_has_one_place_and_is_shown_as_its_first_product_by_words() -> None:
    by_words = [Ranked(1, "p:1"), Ranked(2, "g:a"), Ranked(3, "p:3")]
    by_meaning = [Ranked(8, "g:a"), Ranked(9, "g:b")]
    assert [each.id for each in fused(by_words, by_meaning)] == [2, 1, 3, 9]
    assert [each.id for each in fused(by_words, by_meaning, pins=[3], buried=[9])] == [3, 2, 1]
    assert [each.id for each in fused(by_words, by_meaning, buried=[8])] == [2, 1, 3, 9]
