from itertools import pairwise

import pytest

from search_indexer.query.facets import facet_aggregations, price_ranges, price_value, read_facets
from search_indexer.query.filters import chosen_filters
from search_indexer.query.requests import SearchRequest


def test_each_facet_is_counted_under_all_filters_but_its_own() -> None:
    request = SearchRequest(brand=["HP"], attributes={"x]": ["1"]}, facets=("brand", "attr.x]"))
    filters = chosen_filters(request)
    aggregations = facet_aggregations(request, filters)
    assert list(aggregations) == ["facet_0", "facet_1"]
    assert aggregations["facet_0"]["filter"] == {"bool": {"filter": [filters["attr.x]"]]}}
    assert aggregations["facet_1"]["filter"] == {"bool": {"filter": [filters["brand"]]}}
    assert aggregations["facet_0"]["aggs"]["chosen"] == {"filters": {"filters": [{"term": {"brand": "HP"}}]}}


def test_price_ranges_leave_no_gap_and_do_not_overlap() -> None:
    ranges = price_ranges()
    assert ranges[0][0] == 0
    assert ranges[-1][1] is None
    assert all(before[1] is not None and before[1] + 1 == after[0] for before, after in pairwise(ranges))


@pytest.mark.parametrize(("each", "text"), [((0, 999), "0-999"), ((5, None), "5-"), ((None, 5), "-5")])
def test_a_price_range_is_written_with_open_ends(each: tuple[int | None, int | None], text: str) -> None:
    assert price_value(each) == text


def test_values_come_by_count_then_name_and_chosen_ones_are_added() -> None:
    request = SearchRequest(brand=["Dell", "Nobody"], facets=("brand",))
    buckets = [{"key": "C2G", "doc_count": 2}, {"key": "Belkin", "doc_count": 2}, {"key": "Dell", "doc_count": 7}]
    chosen = [{"doc_count": 7}, {"doc_count": 0}]
    counted = {"facet_0": {"values": {"buckets": buckets}, "chosen": {"buckets": chosen}}}
    [facet] = read_facets(request, counted)
    assert [(value.value, value.count, value.selected) for value in facet.values] == [
        ("Dell", 7, True),
        ("Belkin", 2, False),
        ("C2G", 2, False),
        ("Nobody", 0, True),
    ]


def test_stock_is_counted_both_ways() -> None:
    request = SearchRequest(in_stock=False, facets=("in_stock",))
    counted = {"facet_0": {"values": {"buckets": [{"doc_count": 3}, {"doc_count": 1}]}}}
    [facet] = read_facets(request, counted)
    assert [(each.value, each.count, each.selected) for each in facet.values] == [
        ("true", 3, False),
        ("false", 1, True),
    ]


def test_empty_price_ranges_are_left_out_and_the_chosen_one_is_marked() -> None:
    request = SearchRequest(price_min_minor=0, price_max_minor=999, facets=("price",))
    buckets = [{"doc_count": 4 if each == (2_500, 4_999) else 0} for each in price_ranges()]
    counted = {"facet_0": {"values": {"buckets": buckets}, "chosen": {"buckets": [{"doc_count": 0}]}}}
    [facet] = read_facets(request, counted)
    assert [(each.value, each.count, each.selected) for each in facet.values] == [
        ("0-999", 0, True),
        ("2500-4999", 4, False),
    ]
