"""Collapsed groups on the real server: pages and cursors show the first variant of each, with the others."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_indexer.query.answers import SearchHit
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising
from search_indexer.query.requests import SearchRequest
from search_indexer.query.variants import MOST_VARIANTS
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation
from tests.integration.search_indexer.query.conftest import StockedShop
from tests.integration.search_indexer.query.test_facets import CASES, FULL, Case

pytestmark = pytest.mark.servers

AT = datetime(2026, 1, 1, tzinfo=UTC)
SORTS = st.sampled_from(["relevance", "price", "-price", "newest", "title"])


async def every_hit(reader: SearchReader, request: SearchRequest, staff: Merchandising) -> list[SearchHit]:
    """Every variant that is found, in the order of the search."""
    whole = msgspec.structs.replace(request, collapse=False, page_size=1_000, facets=())
    return (await reader.search(whole, staff)).hits


async def by_pages(reader: SearchReader, request: SearchRequest, staff: Merchandising) -> list[SearchHit]:
    found: list[SearchHit] = []
    while True:
        page = 1 + len(found) // request.page_size
        answer = await reader.search(msgspec.structs.replace(request, page=page), staff)
        found += answer.hits
        if len(answer.hits) < request.page_size:
            assert answer.count == len(found)
            return found


async def by_cursor(reader: SearchReader, request: SearchRequest, staff: Merchandising) -> list[SearchHit]:
    answer = await reader.search(request, staff, AT)
    found, count = answer.hits, answer.count
    cursor = await reader.cursor_after(request, answer, AT)
    while cursor is not None:
        answer, cursor = await reader.go_on(request, cursor, staff)
        assert answer.count == count
        found = [*found, *answer.hits]
    return found


def firsts(hits: Sequence[SearchHit]) -> list[int]:
    """The first of each group."""
    places = {hit.group_id or hit.sku: hit.id for hit in reversed(hits)}
    return [hit.id for hit in hits if places[hit.group_id or hit.sku] == hit.id]


def variants(hits: Sequence[SearchHit], hit: SearchHit) -> list[int]:
    return [each.id for each in hits if hit.group_id and each.group_id == hit.group_id]


@given(case=CASES, sort=SORTS, page_size=st.sampled_from([7, 40]))
@settings(
    max_examples=500 if FULL else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.timeout(1_800 if FULL else 180)
async def test_pages_and_cursor_show_the_first_variant_of_each_group_with_the_others(
    case: Case, sort: str, page_size: int, stocked_shop: StockedShop
) -> None:
    reader, staff = stocked_shop.installation.reader, case.merchandising
    changed = {"sort": sort, "page_size": page_size, "collapse": True, "facets": ()}
    request = msgspec.structs.replace(case.request, **changed)
    whole = await every_hit(reader, request, staff)
    shown = await by_pages(reader, request, staff)
    assert [hit.id for hit in shown] == firsts(whole)
    assert [hit.id for hit in await by_cursor(reader, request, staff)] == firsts(whole)
    for hit in shown:
        assert [each.id for each in hit.variants] == variants(whole, hit)
        assert hit.variant_count == max(1, len(hit.variants))


@pytest.fixture(scope="session")
async def shirts(install: Install) -> Installation:
    """Two shirts in sizes, and a scarf."""
    installation = await install()
    sizes = [
        product_snapshot(
            10 * group + size,
            title=f"shirt {group}",
            group_id=f"shirt-{group}",
            price_minor=100 * size,
            attributes={"size": str(size), "fabric": "Wool"},
            in_stock_store_ids=[size],
        )
        for group in (1, 2)
        for size in range(1, 10 * group)
    ]
    await installation.hold([*sizes, product_snapshot(99, title="scarf", price_minor=350)])
    return installation


async def test_a_group_is_found_by_any_of_its_variants_and_lists_those_that_match(shirts: Installation) -> None:
    request = SearchRequest(price_min_minor=300, price_max_minor=400, sort="-price", facets=("price", "store"))
    answer = await shirts.reader.search(request)
    assert [(hit.id, hit.variant_count, [each.id for each in hit.variants]) for hit in answer.hits] == [
        (14, 2, [14, 13]),
        (24, 2, [24, 23]),
        (99, 1, []),
    ]
    assert [each.attributes for each in answer.hits[0].variants] == [{"size": ["4"]}, {"size": ["3"]}]
    assert answer.count == 3
    stores = {value.value: value.count for value in answer.facets[1].values}
    assert stores == {"3": 2, "4": 2}


async def test_of_a_large_group_the_first_variants_are_listed_and_all_counted(install: Install) -> None:
    installation = await install()
    await installation.hold(product_snapshot(each, group_id="g", price_minor=each) for each in range(1, 31))
    [hit] = (await installation.reader.search(SearchRequest(sort="price"))).hits
    assert (hit.variant_count, [each.id for each in hit.variants]) == (30, list(range(1, MOST_VARIANTS + 1)))


async def test_uncollapsed_every_variant_is_a_hit(shirts: Installation) -> None:
    answer = await shirts.reader.search(SearchRequest(q="shirt", collapse=False, page_size=50, facets=("brand",)))
    assert (answer.count, len(answer.hits)) == (28, 28)
    assert {hit.variant_count for hit in answer.hits} == {1}


async def test_a_walk_passes_over_a_group_whose_first_variant_changed_after_page_one(install: Install) -> None:
    installation = await install()
    reader, request = installation.reader, SearchRequest(sort="price", page_size=2)
    grouped = [product_snapshot(each, group_id=f"g{each % 4}", price_minor=each) for each in range(1, 41)]
    await installation.hold(grouped)
    first = await reader.search(request)
    assert [hit.group_id for hit in first.hits] == ["g1", "g2"]
    cheapest = [product_snapshot(each, group_id=f"g{each % 4}", price_minor=1, version=2) for each in (37, 38, 39)]
    await installation.hold(cheapest)
    cursor = await reader.cursor_after(request, first, AT)
    found = list(first.hits)
    while cursor is not None:
        answer, cursor = await reader.go_on(request, cursor, NO_MERCHANDISING)
        found += answer.hits
    assert [hit.group_id for hit in found] == ["g1", "g2", "g3", "g0"]
