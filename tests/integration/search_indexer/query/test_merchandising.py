"""Synonyms and rules on the real server: order and sets. The facet contract under them: test_facets."""

from datetime import UTC, datetime

import msgspec
import pytest

from search_indexer.query.merchandising import Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import SynonymSet
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation
from tests.integration.search_indexer.query.conftest import StockedShop

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


@pytest.mark.parametrize("q", ["hdmi", "hdmi cable", "usb hdmi"])
async def test_a_rules_filter_leaves_only_what_it_names(stocked_shop: StockedShop, q: str) -> None:
    staff = ruled(Rule(id=1, query="hdmi", match="contains", filter=RuleFilter(brand=["HP"], price_max_minor=50_000)))
    hits = (await stocked_shop.installation.reader.search(SearchRequest(q=q, page_size=1_000), staff)).hits
    assert hits
    assert all(hit.brand == "HP" and hit.price_minor <= 50_000 for hit in hits)
