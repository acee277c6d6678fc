"""Hand-computed: gains 2^grade − 1 are 7, 3, 1, 0; discounts at ranks 1 to 4 are 1, log2(3), 2, log2(5)."""

from math import log2

import pytest

from search_indexer.relevance.evaluation import (
    estimate,
    fold_of,
    judged_only_ndcg,
    judged_share,
    reciprocal_rank,
    shared_hits,
    strict_ndcg,
)

GRADES = {"a": 3, "b": 2, "c": 0}
IDEAL = 7 + 3 / log2(3)


def test_the_ideal_order_scores_one() -> None:
    assert strict_ndcg(["a", "b", "c"], GRADES) == judged_only_ndcg(["a", "b", "c"], GRADES) == 1


def test_a_gain_further_down_is_discounted() -> None:
    assert strict_ndcg(["c", "b", "a"], GRADES) == pytest.approx((3 / log2(3) + 7 / 2) / IDEAL)


def test_unjudged_products_count_as_irrelevant_or_not_at_all() -> None:
    ranking = ["x", "a", "y", "b"]
    assert judged_only_ndcg(ranking, GRADES) == 1
    assert strict_ndcg(ranking, GRADES) == pytest.approx((7 / log2(3) + 3 / log2(5)) / IDEAL)


def test_only_ten_ranks_count() -> None:
    assert strict_ndcg([*"0123456789", "a"], GRADES) == 0
    assert judged_only_ndcg([*"0123456789", "a"], GRADES) == pytest.approx(7 / IDEAL)
    assert strict_ndcg([f"{each}" for each in range(12)], {f"{each}": 1 for each in range(12)}) == 1


def test_what_has_no_gain_to_find_scores_nothing() -> None:
    assert strict_ndcg(["a"], {"a": 0}) == judged_only_ndcg([], {}) == 0


def test_the_judged_share_is_of_ten_places() -> None:
    assert judged_share(["a", "x", "c"], GRADES) == pytest.approx(0.2)


def test_a_known_item_counts_by_its_rank_among_ten() -> None:
    assert reciprocal_rank(["a", "b"], "a") == 1
    assert reciprocal_rank(["x", "y", "a", "b"], "b") == 0.25
    assert reciprocal_rank([*"0123456789", "a"], "a") == 0


def test_the_hits_of_a_misspelling_should_be_those_of_the_word() -> None:
    assert shared_hits(["a", "b", "x", "y"], {"a", "b", "c"}) == 0.5
    assert shared_hits([], {"a"}) == 0
    assert shared_hits([*"abcdefghij", "x"], set("abcdefghij")) == 1


def test_an_interval_holds_the_mean_and_narrows_with_the_spread() -> None:
    even = estimate([0.5] * 8)
    assert (even.mean, even.low, even.high, even.count) == (0.5, 0.5, 0.5, 8)
    spread = estimate([0.0, 1.0] * 50)
    assert spread.mean == 0.5
    # The mean of 100 coins has a standard error of 0.05, so its 95 % interval is about 0.5 ± 0.098.
    assert spread.low == pytest.approx(0.402, abs=0.02)
    assert spread.high == pytest.approx(0.598, abs=0.02)
    assert spread == estimate([0.0, 1.0] * 50)


def test_a_query_is_in_the_same_fold_every_time() -> None:
    assert [fold_of(each) for each in ("laptop", "usb hub", "mouse")] == [
        fold_of(e) for e in ("laptop", "usb hub", "mouse")
    ]
    assert {fold_of(str(each)) for each in range(100)} == set(range(5))
