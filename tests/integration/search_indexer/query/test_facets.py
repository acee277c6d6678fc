"""The facet contract on the real server: counts are compared with counting in Postgres."""

import os
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_indexer.query.answers import Facet, FacetValue, SearchAnswer
from search_indexer.query.facets import MOST_VALUES
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import SynonymSet
from tests.factories.facet_oracle import TOTAL, Counts, expected_counts
from tests.integration.search_indexer.query.conftest import StockedShop

pytestmark = pytest.mark.servers

FULL = bool(os.environ.get("AISLE_FULL"))
TEXTS = (
    *("", "", "cable", "hdmi cable", "prnter", "hdmi wireless compact zzz", "zzzzqqq", "hdmi", "adapters"),
    *("ink printer mouse usb", "compact mouse cabel", "wire less", "printersation", "hdmi usb ink zzz", "cabel"),
)
FACETS = (
    *("brand", "category", "price", "in_stock", "store", "attributes"),
    *("attr.colour", "attr.length [m]", "attr.ports", "attr.none"),
)
RULES = (
    Rule(id=1, query="cable", match="contains", pin=[3, 30, 300], bury=[4, 40], hide=list(range(50, 120))),
    Rule(id=2, query="hdmi", match="contains", filter=RuleFilter(brand=["HP", "Dell"], price_max_minor=50_000)),
    Rule(id=3, query="hdmi cable", filter=RuleFilter(category=["cables"], in_stock=True)),
)
STAFF = prepared([SynonymSet(words=["cable", "adapter"]), SynonymSet(words=["wireless mouse"], typed="hdmi")], RULES)


class Case(msgspec.Struct, frozen=True):
    """A search, and whether rules and synonyms hold for it."""

    request: SearchRequest
    ruled: bool

    @property
    def merchandising(self) -> Merchandising:
        """What holds."""
        return STAFF if self.ruled else NO_MERCHANDISING


def some(*values: str) -> st.SearchStrategy[list[str]]:
    """Nothing as a rule: with every filter in use next to nothing is found, and nothing in groups."""
    return st.one_of(st.just([]), st.just([]), st.lists(st.sampled_from(values), max_size=2))


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
        price_min_minor=draw(st.sampled_from([None, None, low])),
        price_max_minor=draw(st.sampled_from([None, None, high])),
        store_id=draw(st.sampled_from([None, 1, 3, 4, 5, 9])),
        in_stock=draw(st.sampled_from([None, None, True, False])),
        attributes={key: values for key, values in attributes.items() if values},
        facets=tuple(draw(st.lists(st.sampled_from(FACETS), unique=True, max_size=len(FACETS)))),
        collapse=draw(st.booleans()),
        page_size=5,
    )


CASES = st.builds(Case, requests(), st.booleans())


def clicked(request: SearchRequest, facet: Facet, bucket: FacetValue) -> SearchRequest:
    """The same request with that bucket alone chosen in its facet."""
    chosen: dict[str, Any] = {facet.name: [bucket.value]}
    if facet.name == "price":
        chosen = {"price_min_minor": bucket.from_minor, "price_max_minor": bucket.to_minor}
    elif facet.name == "in_stock":
        chosen = {"in_stock": bucket.value == "true"}
    elif facet.name == "store":
        chosen = {"store_id": int(bucket.value), "in_stock": True}
    elif facet.name.startswith("attr."):
        chosen = {"attributes": {**request.attributes, facet.name.removeprefix("attr."): [bucket.value]}}
    return msgspec.structs.replace(request, **chosen)


class Oracle:
    """Counts in Postgres; which products a text finds at all is asked of the search once a text."""

    def __init__(self, shop: StockedShop) -> None:
        self._shop = shop
        self._found: dict[tuple[str, bool], set[int]] = {}

    async def counts(self, case: Case, answer: SearchAnswer) -> Counts:
        """Count what the case should have been answered with."""
        ids = await self._matching(case) if case.request.q else None
        prices = [value for facet in answer.facets if facet.name == "price" for value in facet.values]
        ranges = [(value.from_minor, value.to_minor) for value in prices]
        return await expected_counts(self._shop.database, case.request, ids, ranges)

    async def _matching(self, case: Case) -> set[int]:
        key = (case.request.q, case.ruled)
        if key not in self._found:
            everything = SearchRequest(q=case.request.q, collapse=False, page_size=1_000)
            answer = await self._shop.installation.reader.search(everything, case.merchandising)
            assert len(answer.hits) == answer.count
            self._found[key] = {hit.id for hit in answer.hits}
        return self._found[key]


@pytest.fixture(scope="session")
def oracle(stocked_shop: StockedShop) -> Oracle:
    return Oracle(stocked_shop)


@given(case=CASES)
@settings(
    max_examples=5_000 if FULL else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(1_800 if FULL else 180)
async def test_a_bucket_counts_what_choosing_it_alone_in_its_facet_finds(
    case: Case, stocked_shop: StockedShop, oracle: Oracle
) -> None:
    answer = await stocked_shop.installation.reader.search(case.request, case.merchandising)
    expected = await oracle.counts(case, answer)
    assert answer.count == expected.get(TOTAL, 0)
    for facet in answer.facets:
        counted = {(facet.name, value.value): value.count for value in facet.values}
        assert counted == {key: expected.get(key, 0) for key in counted}
        if len(counted) < MOST_VALUES:
            assert counted.keys() >= {key for key in expected if key[0] == facet.name}


@given(case=CASES)
@settings(max_examples=200 if FULL else 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_choosing_a_bucket_answers_with_its_count(case: Case, stocked_shop: StockedShop) -> None:
    reader = stocked_shop.installation.reader
    answer = await reader.search(case.request, case.merchandising)
    for facet in answer.facets:
        for bucket in facet.values[:2]:
            after = await reader.search(clicked(case.request, facet, bucket), case.merchandising)
            assert after.count == bucket.count, (facet.name, bucket)


@given(request=requests())
@settings(max_examples=200 if FULL else 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_choosing_a_price_leaves_the_other_ranges_where_they_are(
    request: SearchRequest, stocked_shop: StockedShop
) -> None:
    asked = msgspec.structs.replace(request, price_min_minor=None, price_max_minor=None, facets=("price",))
    [before] = (await stocked_shop.installation.reader.search(asked)).facets
    for bucket in before.values:
        [after] = (await stocked_shop.installation.reader.search(clicked(asked, before, bucket))).facets
        assert [(each.value, each.count) for each in after.values] == [
            (each.value, each.count) for each in before.values
        ]
        assert [each.value for each in after.values if each.selected] == [bucket.value]


async def test_attributes_are_those_that_tell_apart_what_was_found(stocked_shop: StockedShop) -> None:
    request = SearchRequest(facets=("brand", "attributes", "price"))
    names = [facet.name for facet in (await stocked_shop.installation.reader.search(request)).facets]
    assert (names[0], names[-1]) == ("brand", "price")
    assert set(names[1:-1]) == {
        "attr.colour",
        "attr.length [m]",
        "attr.wireless",
        "attr.ports",
    }  # each serial is unique


async def test_a_chosen_attribute_keeps_its_facet(stocked_shop: StockedShop) -> None:
    request = SearchRequest(attributes={"serial": ["00001"]}, facets=("attributes",))
    [facet, *_] = (await stocked_shop.installation.reader.search(request)).facets
    assert (facet.name, [value.value for value in facet.values if value.selected]) == ("attr.serial", ["00001"])


async def test_chosen_values_stay_among_the_buckets_with_a_count_of_zero(stocked_shop: StockedShop) -> None:
    request = SearchRequest(
        brand=["Nobody"], category=["nowhere", "2"], price_min_minor=3, price_max_minor=7, store_id=9, in_stock=True,
        attributes={"colour": ["Mauve"]}, facets=("brand", "category", "price", "store", "attr.colour"),
    )  # fmt: skip
    facets = {facet.name: facet.values for facet in (await stocked_shop.installation.reader.search(request)).facets}
    chosen = {name: [value.value for value in values if value.selected] for name, values in facets.items()}
    assert chosen == {
        "brand": ["Nobody"], "category": ["2", "nowhere"], "price": ["3-7"], "store": ["9"], "attr.colour": ["Mauve"],
    }  # fmt: skip
    assert {value.count for values in facets.values() for value in values if value.selected} == {0}


async def test_the_category_facet_counts_descendants_and_names_parents(stocked_shop: StockedShop) -> None:
    [facet] = (await stocked_shop.installation.reader.search(SearchRequest(facets=("category",)))).facets
    buckets = {value.value: value for value in facet.values}
    assert buckets["hdmi"].count > buckets["long-hdmi"].count > 0
    assert (buckets["hdmi"].label, buckets["hdmi"].parent, buckets["cables"].parent) == ("HDMI", "cables", None)
