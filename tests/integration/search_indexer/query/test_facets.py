"""The facet contract on the real server, checked against counting in Python."""

import os
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events.product_snapshot import ProductSnapshot
from search_indexer.attributes import normalized_attributes
from search_indexer.query.answers import Facet, FacetValue
from search_indexer.query.requests import SearchRequest
from tests.integration.search_indexer.conftest import Install, Installation

pytestmark = pytest.mark.servers

FULL = bool(os.environ.get("AISLE_FULL"))
TEXTS = (
    *("", "", "cable", "hdmi cable", "prnter", "hdmi wireless compact zzz", "zzzzqqq"),
    *("ink printer mouse usb", "compact mouse cabel", "wire less", "printersation"),
)
FACETS = ("brand", "category", "price", "in_stock", "attr.colour", "attr.length [m]", "attr.ports", "attr.none")


@pytest.fixture(scope="session")
async def shelved(install: Install, shelf: list[ProductSnapshot]) -> Installation:
    installation = await install()
    await installation.hold(shelf)
    return installation


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2)


@st.composite
def requests(draw: st.DrawFn) -> SearchRequest:
    low, high = sorted(draw(st.lists(st.sampled_from([0, 999, 1_000, 2_500, 5_000, 99_999]), min_size=2, max_size=2)))
    attributes = {
        "colour": draw(some("Black", "Red", "Mauve")),
        "length [m]": draw(some("1", "2")),
        "wireless": draw(some("true")),
        "ports": draw(some("HDMI", "USB")),
    }
    return SearchRequest(
        q=draw(st.sampled_from(TEXTS)),
        brand=draw(some("HP", "Dell", "Żubr & Søn", "Nobody")),
        category=draw(some("cables", "hdmi", "3", "4", "printers", "nowhere")),
        price_min_minor=draw(st.sampled_from([None, low])),
        price_max_minor=draw(st.sampled_from([None, high])),
        store_id=draw(st.sampled_from([None, 1, 3, 9])),
        in_stock=draw(st.sampled_from([None, True, False])),
        attributes={key: values for key, values in attributes.items() if values},
        facets=tuple(draw(st.lists(st.sampled_from(FACETS), unique=True, max_size=len(FACETS)))),
        page_size=5,
    )


def clicked(request: SearchRequest, facet: Facet, bucket: FacetValue) -> SearchRequest:
    """The same request with that bucket alone chosen in its facet."""
    if facet.name == "price":
        bounds = {"price_min_minor": bucket.from_minor, "price_max_minor": bucket.to_minor}
        return msgspec.structs.replace(request, **bounds)
    if facet.name == "in_stock":
        return msgspec.structs.replace(request, in_stock=bucket.value == "true")
    if facet.name.startswith("attr."):
        attributes = {**request.attributes, facet.name.removeprefix("attr."): [bucket.value]}
        return msgspec.structs.replace(request, attributes=attributes)
    chosen: dict[str, Any] = {facet.name: [bucket.value]}
    return msgspec.structs.replace(request, **chosen)


def holds(product: ProductSnapshot, request: SearchRequest) -> bool:
    """Whether the product passes every filter: the oracle."""
    places = {*product.category.slugs, *map(str, product.category.ids)}
    there = request.store_id in product.in_stock_store_ids if request.store_id else bool(product.in_stock_store_ids)
    attributes = normalized_attributes(product.attributes)
    return (
        not product.deleted
        and (not request.brand or product.brand in request.brand)
        and (not request.category or not places.isdisjoint(request.category))
        and (request.price_min_minor is None or product.price_minor >= request.price_min_minor)
        and (request.price_max_minor is None or product.price_minor <= request.price_max_minor)
        and (request.in_stock is None or there == request.in_stock)
        and all(not set(attributes.get(key, [])).isdisjoint(wanted) for key, wanted in request.attributes.items())
    )


async def matching(installation: Installation, q: str) -> set[int]:
    """The products that the text alone finds."""
    everything = await installation.reader.search(SearchRequest(q=q, page_size=1_000))
    return {hit.id for hit in everything.hits}


def count(shelf: Iterable[ProductSnapshot], found: set[int], request: SearchRequest) -> int:
    return sum(product.id in found and holds(product, request) for product in shelf)


@given(request=requests())
@settings(
    max_examples=1_000 if FULL else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_bucket_counts_what_choosing_it_alone_in_its_facet_finds(
    request: SearchRequest, shelved: Installation, shelf: list[ProductSnapshot]
) -> None:
    answer = await shelved.reader.search(request)
    found = await matching(shelved, request.q)
    assert answer.count == count(shelf, found, request)
    assert [facet.name for facet in answer.facets] == list(request.facets)
    for facet in answer.facets:
        for bucket in facet.values:
            assert bucket.count == count(shelf, found, clicked(request, facet, bucket)), (facet.name, bucket)


@given(request=requests())
@settings(max_examples=50 if FULL else 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_choosing_a_bucket_answers_with_its_count(request: SearchRequest, shelved: Installation) -> None:
    answer = await shelved.reader.search(request)
    for facet in answer.facets:
        for bucket in facet.values[:2]:
            after = await shelved.reader.search(clicked(request, facet, bucket))
            assert after.count == bucket.count, (facet.name, bucket)


async def test_chosen_values_stay_among_the_buckets_with_a_count_of_zero(shelved: Installation) -> None:
    request = SearchRequest(
        brand=["Nobody"], category=["nowhere", "2"], price_min_minor=3, price_max_minor=7,
        attributes={"colour": ["Mauve"]}, facets=("brand", "category", "price", "attr.colour"),
    )  # fmt: skip
    facets = {facet.name: facet.values for facet in (await shelved.reader.search(request)).facets}
    chosen = {name: [value.value for value in values if value.selected] for name, values in facets.items()}
    assert chosen == {"brand": ["Nobody"], "category": ["2", "nowhere"], "price": ["3-7"], "attr.colour": ["Mauve"]}
    assert {value.count for values in facets.values() for value in values if value.selected} == {0}


async def test_the_category_facet_counts_descendants_and_names_parents(
    shelved: Installation, shelf: list[ProductSnapshot]
) -> None:
    [facet] = (await shelved.reader.search(SearchRequest(category=["2"], facets=("category",)))).facets
    buckets = {value.value: value for value in facet.values}
    expected = sum("hdmi" in product.category.slugs and not product.deleted for product in shelf)
    assert (buckets["hdmi"].count, buckets["hdmi"].label, buckets["hdmi"].parent) == (expected, "HDMI", "cables")
    assert [value.value for value in facet.values if value.selected] == ["hdmi"]
    assert buckets["cables"].parent is None
