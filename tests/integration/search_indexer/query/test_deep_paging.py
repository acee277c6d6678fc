"""Walks through everything by cursor on a real index: nothing twice, nothing left out, whatever changes meanwhile."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from search_indexer.query.cursor import CursorRefused
from search_indexer.query.requests import SearchRequest
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation

pytestmark = pytest.mark.servers

PRODUCTS = 3_000
AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def full(install: Install) -> Installation:
    """An index that other tests of this module do not change."""
    made = await install()
    await made.hold(product_snapshot(each, title=f"Lamp {each % 7}", price_minor=1 + each % 40) for each in all_ids())
    return made


def all_ids() -> range:
    return range(1, PRODUCTS + 1)


async def walk(installation: Installation, request: SearchRequest, **changes: Any) -> list[list[int]]:
    """The ids of every page, page one included; `changes` are made to the request after it."""
    answer = await installation.reader.search(request)
    cursor = await installation.reader.cursor_after(request, answer, AT)
    pages = [[hit.id for hit in answer.hits]]
    later = msgspec.structs.replace(request, **changes)
    while cursor is not None:
        following, cursor = await installation.reader.go_on(later, cursor)
        assert following.count == answer.count
        pages.append([hit.id for hit in following.hits])
    return pages


@pytest.mark.parametrize("sort", ["relevance", "price", "-price", "newest", "title"])
@pytest.mark.parametrize("q", ["", "lamp"])
async def test_every_product_comes_exactly_once_in_the_order_of_the_sort(full: Installation, q: str, sort: Any) -> None:
    pages = await walk(full, SearchRequest(q=q, sort=sort, page_size=100, highlight=False))
    ids = [each for page in pages for each in page]
    assert sorted(ids) == list(all_ids())
    assert {len(page) for page in pages} == {100}
    by_page = await full.reader.search(SearchRequest(q=q, sort=sort, page=20, page_size=100))
    assert [hit.id for hit in by_page.hits] == pages[19]


async def test_filters_hold_and_the_size_may_change_on_the_way(full: Installation) -> None:
    request = SearchRequest(price_min_minor=3, price_max_minor=6, page_size=7, sort="price")
    pages = await walk(full, request, page_size=90)
    assert sorted(each for page in pages for each in page) == [each for each in all_ids() if 3 <= 1 + each % 40 <= 6]
    assert [len(page) for page in pages] == [7, 90, 90, 90, 23]


async def test_what_one_page_holds_has_no_cursor(full: Installation) -> None:
    request = SearchRequest(price_min_minor=40, page_size=100)
    answer = await full.reader.search(request)
    assert len(answer.hits) == answer.count
    assert await full.reader.cursor_after(request, answer, AT) is None


async def test_the_ranking_of_page_one_stays_while_products_change(installation: Installation) -> None:
    await installation.hold(product_snapshot(each, price_minor=each) for each in range(1, 101))
    request = SearchRequest(sort="price", page_size=10)
    answer = await installation.reader.search(request)
    cursor = await installation.reader.cursor_after(request, answer, AT)
    await installation.hold([product_snapshot(each, version=2, price_minor=1_000 - each) for each in range(1, 101)])
    await installation.hold([product_snapshot(50, version=3, deleted=True), product_snapshot(500)])
    ids = [hit.id for hit in answer.hits]
    while cursor is not None:
        following, cursor = await installation.reader.go_on(request, cursor)
        ids += [hit.id for hit in following.hits]
    assert ids == list(range(1, 101))


async def test_a_product_that_changed_with_page_one_comes_neither_twice_nor_never(installation: Installation) -> None:
    await installation.hold(product_snapshot(each, price_minor=each) for each in range(1, 101))
    request = SearchRequest(sort="price", page_size=10)
    before = await installation.reader.search(request)
    await installation.hold([product_snapshot(1, version=2, price_minor=90), product_snapshot(60, version=2)])
    cursor = await installation.reader.cursor_after(request, before, AT)
    ids = [hit.id for hit in before.hits]
    while cursor is not None:
        following, cursor = await installation.reader.go_on(request, cursor)
        ids += [hit.id for hit in following.hits]
    assert sorted(ids) == list(range(1, 101))


async def test_a_walk_whose_point_in_time_is_gone_is_refused(full: Installation) -> None:
    request = SearchRequest(page_size=10)
    cursor = await full.reader.cursor_after(request, await full.reader.search(request), AT)
    assert cursor is not None
    await full.client.close_point_in_time(id=cursor.moment)
    with pytest.raises(CursorRefused):
        await full.reader.go_on(request, cursor)


async def test_answers_of_one_moment_share_a_point_in_time(full: Installation) -> None:
    request = SearchRequest(page_size=10)
    await asyncio.sleep(0)
    answer = await full.reader.search(request)
    cursors = [await full.reader.cursor_after(request, answer, AT) for _ in range(5)]
    moments = [cursor.moment for cursor in cursors if cursor]
    assert sum(one != other for one, other in pairwise(moments)) <= 1
