"""Search and suggest parameters become requests."""

from contextlib import suppress
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reading.query_parameters import QueryParameters
from api.reading.search_requests import read_explain, read_search, read_suggest
from order_service.errors import InvalidInput
from search_indexer.query.requests import SearchRequest, SuggestRequest
from tests.factories.hostile_texts import HOSTILE_BYTES, HOSTILE_TEXTS


def search(query: str) -> SearchRequest:
    return read_search(QueryParameters(query), "USD", "lexical")


def faulty(query: str) -> set[str]:
    with pytest.raises(InvalidInput) as caught:
        search(query)
    return {fault.field for fault in caught.value.faults}


def test_nothing_asks_for_everything() -> None:
    assert search("") == SearchRequest()


def test_every_parameter_has_its_place() -> None:
    query = (
        "q=usb+cable&category=3&category=cables&brand=HP&price_min=1&price_max=2.50&store_id=4&in_stock=true"
        "&attr.colour=red&sort=-price&page=2&page_size=5&facets=brand,attr.colour&facets=price&mode=hybrid&collapse=false"
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
        collapse=False,
    )


def test_a_search_that_names_no_mode_gets_the_usual_one() -> None:
    assert read_search(QueryParameters("q=usb"), "USD", "hybrid").mode == "hybrid"
    assert read_search(QueryParameters("q=usb&mode=lexical"), "USD", "hybrid").mode == "lexical"


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


PARAMETERS = (
    *("q", "search", "category", "brand", "price_min", "store_id", "in_stock", "attr.k", "sort", "page", "cursor"),
    *("facets", "mode", "product_id", "limit"),
)
ANY_VALUE = st.one_of(st.sampled_from(HOSTILE_TEXTS), st.text(max_size=50), st.integers().map(str))


@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), ANY_VALUE), max_size=9))
def test_whatever_is_sent_is_read_or_refused_by_name(pairs: list[tuple[str, str]]) -> None:
    query = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])
    with suppress(InvalidInput):
        read_search(QueryParameters(query), "USD", "hybrid")
    with suppress(InvalidInput):
        read_explain(QueryParameters(query), "USD", "hybrid")
    with suppress(InvalidInput):
        read_suggest(QueryParameters(query))


@given(st.one_of(st.sampled_from(HOSTILE_BYTES), st.binary(max_size=40)))
def test_bytes_that_are_no_text_are_read_or_refused_by_name(raw: bytes) -> None:
    with suppress(InvalidInput):
        read_search(QueryParameters(f"q={quote(raw, safe='%')}"), "USD", "hybrid")
