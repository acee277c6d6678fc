"""The index consumer between real Kafka and real Elasticsearch."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from time import monotonic

import msgspec
import pytest

from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from messaging.replay import end_offsets
from schemas.events.product_snapshot import ProductSnapshot
from schemas.events.topics import DEAD_LETTER, PRODUCT
from schemas.settings import KafkaSettings
from search_indexer.index.consumer import IndexedBatch, live_handler, run_index_consumer
from search_indexer.query.requests import SearchRequest
from tests.factories.product_snapshots import product_message, product_snapshot
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


async def eventually(probe: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not await probe():
        assert monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def consuming(
    installation: Installation, kafka: KafkaSettings, batches: list[IndexedBatch] | None = None
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    seen: list[IndexedBatch] = [] if batches is None else batches
    task = asyncio.create_task(run_index_consumer(installation.settings, kafka, stop, seen.append))
    try:
        yield
    finally:
        stop.set()
        await task


async def publish(kafka: KafkaSettings, *values: ProductSnapshot | bytes | None) -> None:
    encoded = [msgspec.json.encode(each) if isinstance(each, ProductSnapshot) else each for each in values]
    async with Publisher(kafka) as publisher:
        await publisher.publish([OutgoingMessage(PRODUCT.name, b"1", value) for value in encoded])


def found(installation: Installation, q: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return bool((await installation.reader.search(SearchRequest(q=q))).count)

    return probe


async def test_published_products_become_searchable_and_deleted_ones_vanish(
    installation: Installation, kafka: KafkaSettings
) -> None:
    batches: list[IndexedBatch] = []
    async with consuming(installation, kafka, batches):
        await publish(kafka, product_snapshot(1, title="quillfern"))
        await eventually(lambda: _visible(installation, {1: 1}))
        await publish(kafka, product_snapshot(1, version=2, deleted=True), None)
        await eventually(lambda: _visible(installation, {1: 2}))
        assert not await found(installation, "quillfern")()
    assert sum(batch.products for batch in batches) == 2


async def _visible(installation: Installation, versions: Mapping[int, int]) -> bool:
    if not await installation.client.indices.exists_alias(name=installation.indexes.names.reads):
        return False
    return await installation.reader.wait_until_visible(versions, 0)


async def test_poison_goes_to_the_dead_letters_and_the_rest_goes_on(
    installation: Installation, kafka: KafkaSettings
) -> None:
    too_dear = product_snapshot(2, price_minor=2**63)
    async with consuming(installation, kafka):
        await publish(kafka, b"not json", too_dear, product_snapshot(3))
        await eventually(lambda: _visible(installation, {3: 1}))

        async def both_put_aside() -> bool:
            return sum((await end_offsets(kafka, DEAD_LETTER.name)).values()) == 2

        await eventually(both_put_aside)


async def test_an_index_that_somebody_deleted_is_made_anew_and_nothing_is_skipped(
    installation: Installation, kafka: KafkaSettings
) -> None:
    async with consuming(installation, kafka):
        await publish(kafka, product_snapshot(1))
        await eventually(lambda: _visible(installation, {1: 1}))
        await installation.client.indices.delete(index=installation.indexes.names.initial)
        await publish(kafka, product_snapshot(2))
        await eventually(lambda: _visible(installation, {2: 1}))


async def test_only_the_newest_version_of_each_product_in_a_batch_is_written(installation: Installation) -> None:
    await installation.indexes.ensure()
    batches: list[IndexedBatch] = []
    handle = live_handler(installation.client, installation.indexes, batches.append)
    versions = [product_snapshot(1, version=version, title=f"v{version}") for version in (1, 3, 2)]
    await handle([product_message(snapshot, offset) for offset, snapshot in enumerate(versions)])
    await installation.refresh()
    assert [hit.title for hit in (await installation.reader.search(SearchRequest())).hits] == ["v3"]
    assert [(batch.messages, batch.products, batch.oldest.version) for batch in batches] == [(3, 1, 3)]
