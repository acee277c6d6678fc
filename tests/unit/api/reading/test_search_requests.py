"""Search and suggest parameters become requests."""

import pytest

from api.reading.query_parameters import QueryParameters
from api.reading.search_requests import read_search, read_suggest
from order_service.errors import InvalidInput
from search_indexer.query.requests import SearchRequest, SuggestRequest


def search(query: str) -> SearchRequest:
    return read_search(QueryParameters(query), "USD")


def faulty(query: str) -> set[str]:
    with pytest.raises(InvalidInput) as caught:
        search(query)
    return {fault.field for fault in caught.value.faults}


def test_nothing_asks_for_everything() -> None:
    assert search("") == SearchRequest()


def test_every_parameter_has_its_place() -> None:
    query = (
        "q=usb+cable&category=3&category=cables&brand=HP&price_min=1&price_max=2.50&store_id=4&in_stock=true"
        "&attr.colour=red&sort=-price&page=2&page_size=5&facets=brand,attr.colour&facets=price&mode=hybrid"
    )
    assert search(query) == SearchRequest(
        q="usb cable",
        category=["3", "cables"],
        brand=["HP"],
        price_min_minor=100,
        price_max_minor=250,
        store_id=4,
        in_stock=True,
        attributes={"colour": ["red"]},
        sort="-price",
        page=2,
        page_size=5,
        facets=("brand", "attr.colour", "price"),
        mode="hybrid",
    )


def test_the_earlier_word_for_q_is_understood() -> None:
    assert search("search=cable").q == "cable"
    assert search("search=cable&q=cable").q == "cable"
    assert faulty("search=cable&q=mouse") == {"search"}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("cursor=forged&page=2", {"page"}),
        ("cursor=" + "a" * 8001, {"cursor"}),
        ("facets=nonsense", {"facets"}),
        ("facets=attr.", {"facets"}),
        ("facets=" + ",".join(f"attr.{n}" for n in range(21)), {"facets"}),
        ("mode=best&sort=worst&store_id=x", {"mode", "sort", "store_id"}),
        ("page=101&page_size=100", {"page"}),
        ("q=" + "a" * 1001, {"q"}),
        ("prize_min=1", {"prize_min"}),
    ],
)
def test_every_faulty_parameter_is_named(query: str, fields: set[str]) -> None:
    assert faulty(query) == fields


def test_suggestions_are_asked_for_by_what_was_typed() -> None:
    assert read_suggest(QueryParameters("q=ca&store_id=2&limit=3")) == SuggestRequest(q="ca", store_id=2, limit=3)
    assert read_suggest(QueryParameters("")) == SuggestRequest(q="")
    with pytest.raises(InvalidInput):
        read_suggest(QueryParameters("q=ca&limit=21"))
