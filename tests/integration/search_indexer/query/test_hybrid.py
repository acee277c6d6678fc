"""Search by words and meaning together on the real server: one set for everything, one order, page after page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events.product_snapshot import ProductSnapshot
from search_indexer.index.product_document import product_document
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising, prepared
from search_indexer.query.nearest import NEAREST
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from tests.factories.held_filters import holds
from tests.factories.meanings import meaning_of, product_meaning
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import PATIENCE_S, Install, Installation
from tests.integration.search_indexer.query.conftest import StockedShop
from tests.integration.search_indexer.query.test_facets import FULL, STAFF, clicked, requests

pytestmark = pytest.mark.servers

AT = datetime(2026, 1, 1, tzinfo=UTC)
LAMPS = 400
BATCH = 100
VECTOR = {"type": "dense_vector", "dims": 384, "similarity": "cosine", "index_options": {"type": "int8_hnsw"}}

Hold = Callable[[Iterable[ProductSnapshot]], Awaitable[Installation]]


@pytest.fixture(scope="session")
async def hold(install: Install) -> AsyncIterator[Hold]:
    """Index products with their vectors in installations that search by meaning, too."""
    readers: list[SearchReader] = []

    async def made(snapshots: Iterable[ProductSnapshot]) -> Installation:
        installation = await install()
        readers.append(SearchReader(installation.settings, PATIENCE_S, meaning=meaning_of))
        await installation.indexes.ensure()
        await installation.client.indices.put_mapping(
            index=installation.indexes.names.writes, properties={"vector": VECTOR}
        )
        await write(installation, snapshots)
        return replace(installation, reader=readers[-1])

    yield made
    for reader in readers:
        await reader.close()


async def write(installation: Installation, snapshots: Iterable[ProductSnapshot]) -> None:
    for some in batched(snapshots):
        operations: list[dict[str, object]] = []
        for each in some:
            document = msgspec.to_builtins(product_document(each))
            vector = {} if each.deleted else {"vector": product_meaning(each.id, each.title)}
            operations += [{"index": {"_id": str(each.id)}}, {**document, **vector}]
        answered = await installation.client.bulk(index=installation.indexes.names.writes, operations=operations)
        assert not answered["errors"], answered["items"][:1]
    await installation.refresh()


def batched(snapshots: Iterable[ProductSnapshot]) -> Iterator[list[ProductSnapshot]]:
    left = iter(snapshots)
    while some := list(islice(left, BATCH)):
        yield some


@pytest.fixture(scope="session")
async def rooms(hold: Hold) -> Installation:
    titles = [
        "red sofa",
        "blue sofa",
        "garden couch",
        "oak desk",
        "desk lamp",
        "Rarissimo sofa",
        "sofa XY12",
        "tv tv",
        "sofa chair",
    ]
    more = [product_snapshot(100 + each, title="kitchen chair") for each in range(12)]
    return await hold([*(product_snapshot(each, title=title) for each, title in enumerate(titles, start=1)), *more])


@pytest.fixture(scope="session")
async def lamps(hold: Hold) -> Installation:
    """More products than one ranking's window holds; a torch is found by meaning alone."""
    words = ("desk", "floor", "bed", "oak", "steel", "glass")
    titles = {each: f"{words[each % 6]} {words[each % 5]} lamp" for each in range(1, LAMPS + 1)}
    torches = dict.fromkeys(range(LAMPS + 1, LAMPS + 11), "torch")
    chosen = {**titles, **torches}
    return await hold(product_snapshot(each, title=title, price_minor=1 + each % 40) for each, title in chosen.items())


@pytest.fixture(scope="session")
async def shelved(hold: Hold, stocked_shop: StockedShop) -> Installation:
    return await hold(stocked_shop.products)


async def ids(
    installation: Installation, q: str, staff: Merchandising = NO_MERCHANDISING, **fields: object
) -> list[int]:
    request = msgspec.convert({"q": q, "mode": "hybrid", **fields}, SearchRequest)
    return [hit.id for hit in (await installation.reader.search(request, staff)).hits]


async def test_what_means_the_same_is_found_beside_the_words(rooms: Installation) -> None:
    answer = await rooms.reader.search(SearchRequest(q="sofa", mode="hybrid"))
    assert answer.answered_by == "all_words"
    assert {hit.id for hit in answer.hits} == {1, 2, 3, 6, 7, 9}
    assert answer.count == 6
    assert {hit.id: "<em>" in hit.highlight.get("title", "") for hit in answer.hits}[1]


async def test_without_the_mode_or_a_model_words_alone_count(rooms: Installation) -> None:
    by_words = [1, 2, 6, 7, 9]
    assert sorted(await ids(rooms, "sofa", mode="lexical")) == by_words
    reader = SearchReader(rooms.settings, PATIENCE_S)
    try:
        assert sorted(await ids(replace(rooms, reader=reader), "sofa")) == by_words
    finally:
        await reader.close()


@pytest.mark.parametrize("q", ["XY12", "sofa XY12", "rarissimo sofa", "SKU-3"])
async def test_who_names_a_thing_gets_what_is_named(rooms: Installation, q: str) -> None:
    assert await ids(rooms, q) == await ids(rooms, q, mode="lexical")


async def test_few_by_words_are_followed_by_the_nearest_and_not_by_what_has_most_words(rooms: Installation) -> None:
    answer = await rooms.reader.search(SearchRequest(q="sofa chair", mode="hybrid", page_size=100))
    assert (answer.answered_by, answer.hits[0].title) == ("all_words", "sofa chair")
    assert 3 in {hit.id for hit in answer.hits}
    assert (await rooms.reader.search(SearchRequest(q="sofa chair"))).answered_by == "most_words"


async def test_meaning_alone_answers_several_words_that_no_product_has(rooms: Installation) -> None:
    answer = await rooms.reader.search(SearchRequest(q="television television zq", mode="hybrid"))
    assert (answer.answered_by, [hit.id for hit in answer.hits]) == ("meaning", [8])
    filtered = await rooms.reader.search(SearchRequest(q="television television zq", mode="hybrid", brand=["HP"]))
    assert (filtered.answered_by, filtered.count) == ("meaning", 0)
    assert await ids(rooms, "television") == []


async def test_the_ranking_has_every_product_once_page_after_page(lamps: Installation) -> None:
    pages = [await ids(lamps, "lamp", page=page, page_size=30) for page in range(1, 16)]
    whole = [each for page in pages for each in page]
    assert [len(page) for page in pages] == [30] * 13 + [20, 0]
    assert sorted(whole) == list(range(1, LAMPS + 11))
    assert {*range(LAMPS + 1, LAMPS + 11)} < set(whole[:200])
    assert whole == await ids(lamps, "lamp", page_size=1_000)


@pytest.mark.parametrize("sort", ["relevance", "price", "title"])
@pytest.mark.parametrize("facets", [(), ("price",)])
async def test_a_walk_goes_through_the_same_ranking(lamps: Installation, sort: str, facets: tuple[str, ...]) -> None:
    request = msgspec.convert({"q": "lamp", "mode": "hybrid", "sort": sort, "page_size": 37}, SearchRequest)
    assert await walked(lamps, request, facets) == await ids(lamps, "lamp", sort=sort, page_size=1_000)


async def walked(
    installation: Installation,
    request: SearchRequest,
    facets: tuple[str, ...] = (),
    staff: Merchandising = NO_MERCHANDISING,
) -> list[int]:
    answer = await installation.reader.search(request, staff, AT)
    cursor = await installation.reader.cursor_after(request, answer, AT)
    found = [hit.id for hit in answer.hits]
    later = msgspec.structs.replace(request, facets=facets)
    while cursor is not None:
        following, cursor = await installation.reader.go_on(later, cursor, staff)
        assert (following.count, following.answered_by) == (answer.count, answer.answered_by)
        assert following.hits
        assert [sum(bucket.count for bucket in facet.values) for facet in following.facets] == [answer.count] * len(
            facets
        )
        found += [hit.id for hit in following.hits]
    return found


async def test_what_changes_after_page_one_comes_neither_twice_nor_never(hold: Hold) -> None:
    lamps = await hold(product_snapshot(each, title=f"lamp {'lamp ' * (each % 9)}") for each in range(1, 301))
    request = SearchRequest(q="lamp", mode="hybrid", page_size=50)
    before = await lamps.reader.search(request)
    changed = [product_snapshot(each, title="lamp of another kind") for each in range(1, 301, 7)]
    await write(lamps, [*changed, product_snapshot(900, title="lamp")])
    cursor = await lamps.reader.cursor_after(request, before, AT)
    found = [hit.id for hit in before.hits]
    while cursor is not None:
        following, cursor = await lamps.reader.go_on(request, cursor)
        found += [hit.id for hit in following.hits]
    assert sorted(found) == [*range(1, 301), 900]


def ruled(*rules: Rule) -> Merchandising:
    return prepared([], rules)


async def test_pins_lead_and_buried_products_close_whatever_found_them(lamps: Installation) -> None:
    torch, lamp = LAMPS + 3, 17
    staff = ruled(Rule(id=1, query="lamp", pin=[lamp, torch], bury=[LAMPS + 5, 23]))
    whole = await ids(lamps, "lamp", staff, page_size=1_000)
    assert whole[:2] == [lamp, torch]
    assert set(whole[-2:]) == {LAMPS + 5, 23}
    assert sorted(whole) == list(range(1, LAMPS + 11))


async def test_hidden_products_and_filters_of_rules_hold_for_the_nearest_too(lamps: Installation) -> None:
    staff = ruled(Rule(id=1, query="lamp", hide=[LAMPS + 1], filter=RuleFilter(price_max_minor=5)))
    found = await ids(lamps, "lamp", staff, page_size=1_000)
    assert found
    assert LAMPS + 1 not in found
    assert {1 + each % 40 for each in found} == {1, 2, 3, 4, 5}
    assert not {LAMPS + 2, LAMPS + 3, LAMPS + 4}.isdisjoint(found)


async def test_a_filter_narrows_the_nearest_and_brings_up_no_others(lamps: Installation) -> None:
    whole = await ids(lamps, "torch", page_size=1_000)
    narrow = await ids(lamps, "torch", page_size=1_000, price_max_minor=100)
    assert len(whole) == NEAREST
    cheap = await ids(lamps, "torch", page_size=1_000, price_max_minor=20)
    assert narrow == whole
    assert sorted(cheap) == sorted(each for each in whole if 1 + each % 40 <= 20)


@given(request=requests(), q=st.sampled_from(["cable", "hdmi", "usb printer", "hdmi wireless compact zzz", "cabel"]))
@settings(
    max_examples=1_000 if FULL else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_bucket_counts_what_choosing_it_finds_by_words_and_meaning(
    request: SearchRequest, q: str, shelved: Installation, stocked_shop: StockedShop
) -> None:
    asked = msgspec.structs.replace(request, q=q, mode="hybrid")
    answer = await shelved.reader.search(asked, STAFF)
    whole = SearchRequest(q=q, mode="hybrid", collapse=False, page_size=1_000)
    everything = await shelved.reader.search(whole, STAFF)
    found = {hit.id for hit in everything.hits}
    assert len(everything.hits) == everything.count
    assert answer.count == count(stocked_shop.products, found, asked)
    for facet in answer.facets:
        for bucket in facet.values:
            assert bucket.count == count(stocked_shop.products, found, clicked(asked, facet, bucket)), (
                facet.name,
                bucket,
            )


def count(shelf: Iterable[ProductSnapshot], found: set[int], request: SearchRequest) -> int:
    passing = [product for product in shelf if product.id in found and holds(product, request)]
    return len({each.group_id or each.id for each in passing}) if request.collapse else len(passing)


@pytest.mark.parametrize("q", ["cable", "hdmi", "usb printer", "cabel"])
@pytest.mark.parametrize("staff", [NO_MERCHANDISING, STAFF])
async def test_a_group_has_one_place_in_the_fused_ranking_page_after_page(
    shelved: Installation, q: str, staff: Merchandising
) -> None:
    request = SearchRequest(q=q, mode="hybrid", page_size=9)
    single = await shelved.reader.search(msgspec.structs.replace(request, collapse=False, page_size=1_000), staff, AT)
    answer = await shelved.reader.search(msgspec.structs.replace(request, page_size=1_000), staff, AT)
    groups = [hit.group_id or hit.id for hit in answer.hits]
    assert answer.count == len(groups) == len(set(groups))
    assert set(groups) == {hit.group_id or hit.id for hit in single.hits}
    for hit in answer.hits:
        variants = {each.id for each in single.hits if hit.group_id and each.group_id == hit.group_id}
        assert {each.id for each in hit.variants} == variants
    ids = [hit.id for hit in answer.hits]
    numbered = [
        (await shelved.reader.search(msgspec.structs.replace(request, page=page), staff, AT)).hits
        for page in range(1, 2 + len(ids) // 9)
    ]
    assert [hit.id for page in numbered for hit in page] == ids
    assert await walked(shelved, request, staff=staff) == ids
