from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_indexer.query.price_facet import EDGES, MOST_RANGES, fitted_ranges, price_facet, price_value

PRICES = st.lists(st.integers(1, 10**12) | st.integers(1, 20_000), min_size=1, max_size=60)


def histogram(prices: Iterable[int]) -> list[int]:
    """Count as the aggregation does: an edge begins a range."""
    counts = [0] * (len(EDGES) + 1)
    for price in prices:
        counts[bisect_right(EDGES, price)] += 1
    return counts


def counted(prices: Sequence[int]) -> dict[str, Any]:
    return {
        "histogram": {"buckets": [{"doc_count": count} for count in histogram(prices)]},
        "lowest": {"value": min(prices, default=None)},
        "highest": {"value": max(prices, default=None)},
    }


@given(PRICES)
def test_ranges_leave_no_gap_and_count_every_product_once(prices: list[int]) -> None:
    ranges = fitted_ranges(histogram(prices))
    assert 1 <= len(ranges) <= MOST_RANGES
    assert all(before[1] is not None and before[1] + 1 == after[0] for before, after in pairwise(ranges))
    values = price_facet(counted(prices), {}).values
    found = [sum((low or 0) <= price <= (high or 10**13) for price in prices) for low, high in ranges]
    assert [value.count for value in values] == found
    assert sum(found) == len(prices)
    assert all(found)


@given(PRICES)
def test_bounds_are_of_the_fixed_ladder(prices: list[int]) -> None:
    starts = {low for low, _ in fitted_ranges(histogram(prices))}
    assert starts <= {0, *EDGES}


@pytest.mark.parametrize(
    ("prices", "starts"),
    [
        (range(1_000, 100_000, 1_000), [0, 10_000, 20_000, 30_000, 50_000]),
        ([10**digits for digits in range(2, 9)], [0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]),
        (range(2_000, 5_000, 100), [0, 3_000, 4_000]),
        ([1_000, 2_000], [0, 2_000]),
        ([1_250], [1_000]),
        ([], []),
    ],
)
def test_the_finest_level_that_is_short_enough_suits_the_prices(prices: Sequence[int], starts: list[int]) -> None:
    assert [low for low, _ in fitted_ranges(histogram(prices))] == starts


def test_a_single_dear_product_does_not_widen_the_ranges() -> None:
    usual = [1_000, 1_700, 2_500, 3_500, 4_500] * 20
    assert fitted_ranges(histogram([*usual, 10**9])) == fitted_ranges(histogram(usual))


def test_the_chosen_range_is_marked_or_added() -> None:
    one_of_them = price_facet(counted([1_000, 2_000]), {(2_000, None): 1})
    assert [(each.value, each.selected) for each in one_of_them.values] == [("0-1999", False), ("2000-", True)]
    another = price_facet(counted([1_000, 2_000]), {(3, 7): 0})
    assert [(each.value, each.count, each.selected) for each in another.values] == [
        ("0-1999", 1, False),
        ("3-7", 0, True),
        ("2000-", 1, False),
    ]


def test_the_facet_names_the_lowest_and_the_highest_price() -> None:
    facet = price_facet(counted([1_234, 5_678]), {})
    assert (facet.lowest_minor, facet.highest_minor) == (1_234, 5_678)
    nothing = price_facet(counted([]), {})
    assert (nothing.values, nothing.lowest_minor, nothing.highest_minor) == ([], None, None)


@pytest.mark.parametrize(("each", "text"), [((0, 999), "0-999"), ((5, None), "5-"), ((None, 5), "-5")])
def test_a_price_range_is_written_with_open_ends(each: tuple[int | None, int | None], text: str) -> None:
    assert price_value(each) == text
