from typing import Any

from search_indexer.query.answers import Facet, FacetValue
from search_indexer.query.attribute_facets import MOST_FACETS, attributes_request, candidate_keys, useful_facets
from search_indexer.query.requests import SearchRequest


def counted(*counts: int, others: int = 0) -> dict[str, Any]:
    buckets = [{"key": f"v{place}", "doc_count": count} for place, count in enumerate(counts)]
    return {"values": {"buckets": buckets, "sum_other_doc_count": others}}


def useful(**facets: dict[str, Any]) -> list[str]:
    named = [(Facet(name=name, type="terms", values=[]), counts) for name, counts in facets.items()]
    return [facet.name for facet in useful_facets(named)]


def test_a_key_that_a_tenth_of_what_was_found_has_is_a_candidate() -> None:
    buckets = [{"key": "colour", "doc_count": 40}, {"key": "length", "doc_count": 10}, {"key": "odd", "doc_count": 9}]
    assert candidate_keys({"doc_count": 100, "keys": {"buckets": buckets}}) == ["colour", "length"]


def test_chosen_attributes_are_counted_first_and_those_asked_for_by_name_not_twice() -> None:
    request = SearchRequest(attributes={"length": ["1"], "odd": []}, facets=("attr.colour", "attributes"))
    wanted = attributes_request(request, ["colour", "ports", "length"])
    assert wanted.facets == ("attr.length", "attr.ports")


def test_a_facet_of_one_value_or_of_too_many_is_left_out() -> None:
    few, one, many, none = counted(5, 3), counted(9), counted(*[1] * 20, others=1), counted()
    assert useful(few=few, one=one, many=many, none=none) == ["few"]


def test_a_facet_that_something_is_chosen_in_stays() -> None:
    chosen = Facet(name="a", type="terms", values=[FacetValue(value="x", label="x", count=1, selected=True)])
    assert useful_facets([(chosen, counted(9))]) == [chosen]


def test_so_many_facets_are_given_at_most() -> None:
    assert len(useful(**{f"attr{place}": counted(2, 1) for place in range(MOST_FACETS + 2)})) == MOST_FACETS
