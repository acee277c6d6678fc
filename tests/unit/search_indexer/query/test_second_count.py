from collections.abc import Sequence
from typing import Any

from search_indexer.query.answers import Facet, FacetValue
from search_indexer.query.requests import SearchRequest
from search_indexer.query.second_count import all_facets, second_count

BRAND = Facet(name="brand", type="terms", values=[])
PRICE = Facet(
    name="price",
    type="ranges",
    values=[
        FacetValue(value="0-999", label="0-999", count=7, from_minor=0, to_minor=999),
        FacetValue(value="1000-", label="1000-", count=5, from_minor=1_000, selected=True),
    ],
    lowest_minor=5,
    highest_minor=5_000,
)
RANGES = [(0, 999), (1_000, None)]


def grouped(products: int) -> dict[str, Any]:
    return {"doc_count": 12, "grouped": {"value": products}}


def keys(*names: str) -> dict[str, Any]:
    return {"doc_count": 10, "keys": {"buckets": [{"key": name, "doc_count": 9} for name in names]}}


def terms(*counts: int) -> dict[str, Any]:
    buckets = [{"key": f"v{place}", "doc_count": count} for place, count in enumerate(counts)]
    return {"values": {"buckets": buckets, "sum_other_doc_count": 0}}


def named(counts: Sequence[int]) -> dict[str, Any]:
    return {"named": {"buckets": [{"doc_count": count} for count in counts]}}


def test_usual_facets_are_counted_once() -> None:
    request = SearchRequest(facets=("brand", "price"))
    assert second_count(request, {"facet_0": {}, "facet_1": grouped(0)}, [BRAND, PRICE]) is None
    assert second_count(SearchRequest(), {}, []) is None


def test_prices_are_counted_in_their_ranges_where_products_have_groups() -> None:
    request = SearchRequest(facets=("brand", "price"))
    second = second_count(request, {"facet_0": {}, "facet_1": grouped(4)}, [BRAND, PRICE])
    assert second is not None
    assert (second.request.facets, second.ranges) == (("price",), RANGES)
    brand, price = all_facets(request, [BRAND, PRICE], second, {"facet_0": named([6, 3])})
    assert brand == BRAND
    assert [(each.value, each.count, each.selected) for each in price.values] == [
        ("0-999", 6, False),
        ("1000-", 3, True),
    ]
    assert (price.lowest_minor, price.highest_minor) == (5, 5_000)


def test_attributes_come_where_they_were_asked_for() -> None:
    request = SearchRequest(facets=("price", "attributes", "brand"))
    first = {"facet_0": grouped(4), "facet_1": keys("colour", "serial"), "facet_2": {}}
    second = second_count(request, first, [PRICE, BRAND])
    assert second is not None
    assert second.request.facets == ("price", "attr.colour", "attr.serial")
    counted = {"facet_0": named([6, 3]), "facet_1": terms(4, 2), "facet_2": terms(1)}
    assert [facet.name for facet in all_facets(request, [PRICE, BRAND], second, counted)] == [
        "price",
        "attr.colour",
        "brand",
    ]


def test_where_no_product_has_attributes_nothing_is_counted_again() -> None:
    assert second_count(SearchRequest(facets=("attributes",)), {"facet_0": keys()}, []) is None
