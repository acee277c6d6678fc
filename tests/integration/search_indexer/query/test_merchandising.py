"""Synonyms and rules on the real server: order, sets, and the facet contract under them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events.product_snapshot import ProductSnapshot
from search_indexer.query.merchandising import Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import SynonymSet
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation
from tests.integration.search_indexer.query.test_facets import FULL, clicked, holds, requests

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
async def screens(install: Install) -> Installation:
    installation = await install()
    titles = [
        "Sony tv 55",
        "Sony television 65",
        "Flat screen stand",
        "Radio",
        "tv tv tv wall mount",
        "Old television set",
    ]
    await installation.hold(
        [product_snapshot(each, title=title, price_minor=each * 100) for each, title in enumerate(titles, start=1)]
    )
    return installation


@pytest.fixture(scope="session")
async def shelved(install: Install, shelf: list[ProductSnapshot]) -> Installation:
    installation = await install()
    await installation.hold(shelf)
    return installation


async def ids(installation: Installation, staff: Merchandising, q: str, **fields: object) -> list[int]:
    request = msgspec.convert({"q": q, **fields}, SearchRequest)
    return [hit.id for hit in (await installation.reader.search(request, staff)).hits]


def ruled(*rules: Rule) -> Merchandising:
    return prepared([], rules)


TV = prepared([SynonymSet(words=["tv", "television"]), SynonymSet(words=["flat screen"], typed="telly")], [])


async def test_two_way_synonyms_find_each_other_and_one_way_ones_do_not(screens: Installation) -> None:
    for typed in ("tv", "TVs", "television"):
        assert set(await ids(screens, TV, typed)) == {1, 2, 5, 6}
    assert await ids(screens, TV, "telly") == [3]
    assert await ids(screens, TV, "flat screen") == [3]
    assert set(await ids(screens, TV, "sony tv")) == {1, 2}


async def test_an_answer_by_synonym_is_not_an_answer_by_correction(screens: Installation) -> None:
    answer = await screens.reader.search(SearchRequest(q="telly"), TV)
    assert (answer.answered_by, answer.did_you_mean, answer.count) == ("all_words", None, 1)


async def test_pins_come_first_in_their_order_and_only_where_they_are_found(screens: Installation) -> None:
    staff = ruled(Rule(id=1, query="tv", pin=[5, 4, 1]))
    assert await ids(screens, staff, "tv") == [5, 1]
    assert await ids(screens, ruled(Rule(id=1, query="tv", pin=[1, 5])), "tv") == [1, 5]


async def test_buried_products_come_last_and_stay_counted(screens: Installation) -> None:
    for buried, last in (([1], 1), ([5], 5)):
        answer = await screens.reader.search(SearchRequest(q="tv"), ruled(Rule(id=1, query="tv", bury=buried)))
        assert (answer.count, answer.hits[-1].id) == (2, last)


async def test_pins_follow_over_pages_and_do_not_show_in_other_orders(screens: Installation) -> None:
    staff = TV._replace(rules=ruled(Rule(id=1, query="tv", pin=[6, 1, 5], bury=[2])).rules)
    whole = await ids(screens, staff, "tv")
    assert whole == [6, 1, 5, 2]
    assert [await ids(screens, staff, "tv", page=page, page_size=1) for page in (1, 2, 3, 4, 5)] == [
        [6], [1], [5], [2], [],
    ]  # fmt: skip
    assert await ids(screens, staff, "tv", sort="price") == [1, 2, 5, 6]


async def test_forty_pins_hold_their_order(install: Install) -> None:
    installation = await install()
    pins = [(each * 17) % 41 for each in range(1, 41)]
    await installation.hold([product_snapshot(each, title="same lamp " + "lamp " * each) for each in range(1, 61)])
    found = await ids(installation, ruled(Rule(id=1, query="lamp", pin=pins)), "lamp", page_size=60)
    assert found[:40] == pins


async def test_a_rules_window_and_redirect(screens: Installation) -> None:
    until = datetime(2026, 1, 2, tzinfo=UTC)
    staff = ruled(Rule(id=1, query="tv", redirect="/screens", hide=[1], active_until=until))
    before = await screens.reader.search(SearchRequest(q="tv"), staff, datetime(2026, 1, 1, tzinfo=UTC))
    after = await screens.reader.search(SearchRequest(q="tv"), staff)
    assert (before.redirect, before.count, after.redirect, after.count) == ("/screens", 1, None, 2)


RULES = (
    Rule(id=1, query="cable", match="contains", pin=[3, 30, 300], bury=[4, 40], hide=list(range(50, 120))),
    Rule(id=2, query="hdmi", match="contains", filter=RuleFilter(brand=["HP", "Dell"], price_max_minor=50_000)),
    Rule(id=3, query="hdmi cable", filter=RuleFilter(category=["cables"], in_stock=True)),
)
STAFF = prepared([SynonymSet(words=["cable", "adapter"]), SynonymSet(words=["wireless mouse"], typed="hdmi")], RULES)


def count(shelf: Iterable[ProductSnapshot], found: set[int], request: SearchRequest) -> int:
    return sum(product.id in found and holds(product, request) for product in shelf)


@given(request=requests(), q=st.sampled_from(["cable", "hdmi", "hdmi cable", "adapters", "hdmi usb ink zzz", "cabel"]))
@settings(
    max_examples=1_000 if FULL else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_bucket_counts_what_choosing_it_finds_under_rules_and_synonyms(
    request: SearchRequest, q: str, shelved: Installation, shelf: list[ProductSnapshot]
) -> None:
    asked = msgspec.structs.replace(request, q=q)
    answer = await shelved.reader.search(asked, STAFF)
    everything = await shelved.reader.search(SearchRequest(q=q, page_size=1_000), STAFF)
    found = {hit.id for hit in everything.hits}
    assert len(everything.hits) == everything.count
    assert answer.count == count(shelf, found, asked)
    for facet in answer.facets:
        for bucket in facet.values:
            assert bucket.count == count(shelf, found, clicked(asked, facet, bucket)), (facet.name, bucket)


@pytest.mark.parametrize("q", ["hdmi", "hdmi cable", "usb hdmi"])
async def test_a_rules_filter_leaves_only_what_it_names(
    shelved: Installation, shelf: list[ProductSnapshot], q: str
) -> None:
    allowed = SearchRequest(brand=["HP", "Dell"], price_max_minor=50_000)
    for product_id in await ids(shelved, STAFF, q, page_size=1_000):
        assert holds(shelf[product_id - 1], allowed)
