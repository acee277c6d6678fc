from collections.abc import Sequence
from typing import Any

from search_indexer.query.answers import Facet
from search_indexer.query.attribute_facets import (
    MOST_FACETS,
    attributes_request,
    candidate_keys,
    useful_facets,
    with_attribute_facets,
)
from search_indexer.query.requests import SearchRequest


def counted(*counts: int, others: int = 0, named: Sequence[int] = ()) -> dict[str, Any]:
    buckets = [{"key": f"v{place}", "doc_count": count} for place, count in enumerate(counts)]
    chosen = {"named": {"buckets": [{"doc_count": count} for count in named]}} if named else {}
    return {"values": {"buckets": buckets, "sum_other_doc_count": others}, **chosen}


def useful(request: SearchRequest, *facets: dict[str, Any]) -> list[str]:
    aggregations = {f"facet_{place}": facet for place, facet in enumerate(facets)}
    return [facet.name for facet in useful_facets(request, aggregations)]


def test_a_key_that_a_tenth_of_what_was_found_has_is_a_candidate() -> None:
    buckets = [{"key": "colour", "doc_count": 40}, {"key": "length", "doc_count": 10}, {"key": "odd", "doc_count": 9}]
    aggregations = {"facet_1": {"doc_count": 100, "values": {"buckets": buckets}}}
    assert candidate_keys(SearchRequest(facets=("brand", "attributes")), aggregations) == ["colour", "length"]


def test_without_the_question_there_are_no_candidates() -> None:
    assert candidate_keys(SearchRequest(facets=("brand",)), {}) == []


def test_chosen_attributes_are_counted_first_and_those_asked_for_by_name_not_twice() -> None:
    request = SearchRequest(attributes={"length": ["1"], "odd": []}, facets=("attr.colour", "attributes"))
    wanted = attributes_request(request, ["colour", "ports", "length"])
    assert wanted.facets == ("attr.length", "attr.ports")


def test_a_facet_of_one_value_or_of_too_many_is_left_out() -> None:
    request = SearchRequest(facets=("attr.a", "attr.b", "attr.c", "attr.d"))
    few, one, many, none = counted(5, 3), counted(9), counted(*[1] * 20, others=1), counted()
    assert useful(request, few, one, many, none) == ["attr.a"]


def test_a_facet_that_something_is_chosen_in_stays() -> None:
    request = SearchRequest(attributes={"b": ["v0"]}, facets=("attr.b",))
    assert useful(request, counted(9, named=[9])) == ["attr.b"]


def test_so_many_facets_are_given_at_most() -> None:
    request = SearchRequest(facets=tuple(f"attr.{place}" for place in range(MOST_FACETS + 2)))
    assert len(useful(request, *[counted(2, 1)] * (MOST_FACETS + 2))) == MOST_FACETS


def test_they_come_where_attributes_was_asked_for() -> None:
    brand, price, colour = (Facet(name=name, type="terms", values=[]) for name in ("brand", "price", "attr.colour"))
    request = SearchRequest(facets=("brand", "attributes", "price"))
    assert with_attribute_facets(request, [brand, price], [colour]) == [brand, colour, price]
