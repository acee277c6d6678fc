import msgspec

from search_indexer.query.facets import facet_aggregations, facet_filters, read_facets
from search_indexer.query.filters import chosen_filters
from search_indexer.query.groups import GROUP_COUNTS
from search_indexer.query.requests import SearchRequest


def test_each_facet_is_counted_under_all_filters_but_its_own() -> None:
    request = SearchRequest(brand=["HP"], attributes={"x]": ["1"]}, facets=("brand", "attr.x]"))
    filters = chosen_filters(request)
    aggregations = facet_aggregations(request, filters)
    assert list(aggregations) == ["facet_0", "facet_1"]
    assert aggregations["facet_0"]["filter"] == {"bool": {"filter": [filters["attr.x]"]]}}
    assert aggregations["facet_1"]["filter"] == {"bool": {"filter": [filters["brand"]]}}
    assert aggregations["facet_0"]["aggs"]["named"]["filters"] == {"filters": [{"term": {"brand": "HP"}}]}


def test_stores_are_counted_without_the_filter_by_stock_that_choosing_one_replaces() -> None:
    request = SearchRequest(store_id=3, in_stock=True, brand=["HP"], facets=("store", "brand"))
    filters = facet_filters(request.facets, chosen_filters(request))
    assert list(filters) == ["brand", "in_stock"]
    counted = facet_aggregations(request, filters)["facet_0"]
    assert counted["filter"] == {"bool": {"filter": [{"terms": {"brand": ["HP"]}}]}}


def test_attributes_are_chosen_without_what_was_chosen_of_them() -> None:
    request = SearchRequest(brand=["HP"], attributes={"colour": ["Red"]}, facets=("attributes",))
    filters = facet_filters(request.facets, chosen_filters(request))
    assert list(filters) == ["attr.colour"]
    assert facet_aggregations(request, filters)["facet_0"]["filter"] == {"bool": {"filter": []}}


def test_values_come_by_count_then_name_and_chosen_ones_are_added() -> None:
    request = SearchRequest(brand=["Dell", "Nobody"], facets=("brand",))
    buckets = [{"key": "C2G", "doc_count": 2}, {"key": "Belkin", "doc_count": 2}, {"key": "Dell", "doc_count": 7}]
    chosen = [{"doc_count": 7}, {"doc_count": 0}]
    counted = {"facet_0": {"values": {"buckets": buckets}, "named": {"buckets": chosen}}}
    [facet] = read_facets(request, counted)
    assert [(value.value, value.count, value.selected) for value in facet.values] == [
        ("Dell", 7, True),
        ("Belkin", 2, False),
        ("C2G", 2, False),
        ("Nobody", 0, True),
    ]


def test_stock_is_counted_both_ways() -> None:
    request = SearchRequest(in_stock=False, facets=("in_stock",))
    counted = {"facet_0": {"named": {"buckets": [{"doc_count": 3}, {"doc_count": 1}]}}}
    [facet] = read_facets(request, counted)
    assert [(each.value, each.count, each.selected) for each in facet.values] == [
        ("true", 3, False),
        ("false", 1, True),
    ]


def test_the_shoppers_store_has_a_bucket_that_is_chosen_once_its_stock_is_filtered_by() -> None:
    counted = {
        "facet_0": {"values": {"buckets": [{"key": "1", "doc_count": 4}]}, "named": {"buckets": [{"doc_count": 0}]}}
    }
    for in_stock, selected in ((None, False), (False, False), (True, True)):
        [facet] = read_facets(SearchRequest(store_id=9, in_stock=in_stock, facets=("store",)), counted)
        assert [(each.value, each.count, each.selected) for each in facet.values] == [
            ("1", 4, False),
            ("9", 0, selected),
        ]


def test_buckets_count_groups_where_variants_are_collapsed() -> None:
    request = SearchRequest(brand=["HP"], facets=("brand", "price"))
    brand, price = facet_aggregations(request, {}).values()
    assert [brand["aggs"][name]["aggs"] for name in ("values", "named")] == [GROUP_COUNTS, GROUP_COUNTS]
    assert price["aggs"]["grouped"] == GROUP_COUNTS["grouped"]
    single, _ = facet_aggregations(msgspec.structs.replace(request, collapse=False), {}).values()
    assert all("aggs" not in each for each in single["aggs"].values())
    bucket = {"key": "HP", "doc_count": 9, "grouped": {"value": 6}, "groups": {"value": 2}}
    counted = {"facet_0": {"values": {"buckets": [bucket]}, "named": {"buckets": [bucket]}}}
    [facet] = read_facets(msgspec.structs.replace(request, facets=("brand",)), counted)
    assert [value.count for value in facet.values] == [5]
