"""When a search finds what was written, on a real index."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from search_indexer.index.consumer import IndexedBatch, OldestChange
from search_indexer.index.product_document import product_document
from search_indexer.index.searchable_watch import SearchableWatch
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


def batch(product_id: int, version: int, *, age_s: float = 0) -> IndexedBatch:
    oldest = OldestChange(product_id, version, datetime.now(UTC) - timedelta(seconds=age_s))
    return IndexedBatch(messages=1, products=1, oldest=oldest, behind=timedelta())


@asynccontextmanager
async def watching(watch: SearchableWatch) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(watch.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until(seen: list[float], count: int) -> None:
    end = monotonic() + 20
    while len(seen) < count:
        assert monotonic() < end
        await asyncio.sleep(0.02)


async def test_a_change_counts_from_its_commit_until_a_refresh_shows_it(installation: Installation) -> None:
    await installation.hold([product_snapshot(1)])
    live = installation.indexes.names.reads
    await installation.client.indices.put_settings(index=live, settings={"refresh_interval": "-1"})
    seen: list[float] = []
    watch = SearchableWatch(installation.settings, seen.append)
    async with watching(watch):
        await installation.writer.write([product_document(product_snapshot(1, version=2))])
        watch.offer(batch(1, 2, age_s=100))
        watch.offer(batch(1, 1))  # one is followed already
        await asyncio.to_thread(lambda: None)
        assert seen == []
        await installation.refresh()
        await until(seen, 1)
    assert 100 < seen[0] < 130


async def test_while_the_index_is_away_it_looks_on(installation: Installation) -> None:
    seen: list[float] = []
    watch = SearchableWatch(installation.settings, seen.append)
    async with watching(watch):
        watch.offer(batch(1, 1))
        await installation.hold([product_snapshot(1)])
        await until(seen, 1)
    assert len(seen) == 1
