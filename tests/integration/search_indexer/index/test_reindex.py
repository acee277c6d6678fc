"""Rebuilding the index from real Postgres and Kafka while products change."""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from unittest.mock import patch

import msgspec
import pytest

from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from order_service.actor import Actor
from order_service.catalog.categories import NewCategory, create_category
from order_service.catalog.products import Product
from order_service.catalog.write_product import NewProduct, create_product, delete_product
from order_service.database.engine import Database
from order_service.product_snapshots import snapshots_of
from schemas.events.topics import PRODUCT
from schemas.ids import ProductId
from schemas.settings import KafkaSettings
from search_indexer.errors import SearchUnavailable
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.consumer import run_index_consumer
from search_indexer.index.product_vectors import CompletedVectors
from search_indexer.index.reindex import CountsDiffer, Rebuild, reindex, reindex_if_missing
from search_indexer.query.requests import SearchRequest
from search_indexer.storage.rebuild_lock import RebuildIsRunning
from tests.factories.processes import run_aisle
from tests.factories.product_snapshots import product_snapshot
from tests.factories.tiny_model import tiny_model
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers

STAFF = Actor("test")


@pytest.fixture
def rebuild(installation: Installation, database: Database, kafka: KafkaSettings) -> Rebuild:
    return Rebuild(installation.client, database, installation.settings, kafka, "USD")


@pytest.fixture
async def product(database: Database) -> Product:
    word = f"word{uuid.uuid4().hex[:12]}"
    await create_category(database, NewCategory(name=word), STAFF)
    return await create_product(database, NewProduct(title=f"{word} lamp", price_minor=500, category=word), STAFF)


async def count(installation: Installation, product: Product) -> int:
    return (await installation.reader.search(SearchRequest(q=product.title))).count


async def test_products_in_postgres_are_found_after_a_rebuild_and_deleted_ones_are_not(
    rebuild: Rebuild, installation: Installation, product: Product, database: Database
) -> None:
    await reindex(rebuild)
    assert await count(installation, product) == 1
    await delete_product(database, product.id, STAFF)
    await reindex(rebuild)
    assert await count(installation, product) == 0
    assert await installation.reader.wait_until_visible({product.id: product.version + 1}, 0)


async def test_changes_published_during_a_rebuild_are_in_the_new_index(
    rebuild: Rebuild, installation: Installation, product: Product, database: Database, kafka: KafkaSettings
) -> None:
    async with database.reads.connect() as connection:
        [snapshot] = await snapshots_of(connection, [ProductId(product.id)], "USD")
    stop, done = asyncio.Event(), asyncio.Event()
    consumer = asyncio.create_task(run_index_consumer(installation.settings, kafka, stop))
    last = snapshot.version

    async def change_on_and_on() -> None:
        nonlocal last
        async with Publisher(kafka) as publisher:
            while not done.is_set():
                changed = msgspec.structs.replace(snapshot, version=last + 1, updated_at=datetime.now(UTC))
                value = msgspec.json.encode(changed)
                await publisher.publish([OutgoingMessage(PRODUCT.name, str(product.id).encode(), value)])
                last += 1

    changes = asyncio.create_task(change_on_and_on())
    await reindex(rebuild)
    swapped_at = last
    assert await installation.reader.wait_until_visible({product.id: swapped_at}, 10)
    done.set()
    await changes
    assert await installation.reader.wait_until_visible({product.id: last}, 10)
    stop.set()
    await consumer
    assert swapped_at > snapshot.version


async def test_of_two_rebuilds_at_once_the_second_is_refused(
    rebuild: Rebuild, installation: Installation, product: Product
) -> None:
    outcomes = await asyncio.gather(reindex(rebuild), reindex(rebuild), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, str)] == [RebuildIsRunning]
    assert await count(installation, product) == 1


async def test_a_rebuild_that_dies_leaves_the_live_index_and_the_next_one_clears_up(
    rebuild: Rebuild, installation: Installation, product: Product
) -> None:
    class Killed(BaseException):
        pass

    def die_before_the_swap(stage: str, _done: int, _total: int | None) -> None:
        if stage == "swap":
            raise Killed

    live = await reindex(rebuild)
    rebuild.report = die_before_the_swap
    with pytest.raises(Killed):
        await reindex(rebuild)
    assert await count(installation, product) == 1
    assert list(await installation.client.indices.get(index=installation.indexes.names.reads)) == [live]
    rebuild.report = lambda _stage, _done, _total: None
    await reindex(rebuild)
    assert len(rebuild.removed) == 1
    assert await count(installation, product) == 1


async def test_the_gate_refuses_an_index_that_holds_other_products_than_postgres(
    rebuild: Rebuild, installation: Installation, product: Product, kafka: KafkaSettings
) -> None:
    live = await reindex(rebuild)
    stray = asyncio.create_task(_publish_while_loading(rebuild, kafka))
    with pytest.raises(CountsDiffer, match="nothing was changed"):
        await reindex(rebuild)
    await stray
    assert await count(installation, product) == 1
    assert list(await installation.client.indices.get(index=installation.indexes.names.reads)) == [live]


async def _publish_while_loading(rebuild: Rebuild, kafka: KafkaSettings) -> None:
    """Publish far more products than Postgres has, once the rebuild has noted where the topic ends."""
    loading = asyncio.Event()
    rebuild.report = lambda stage, _done, _total: loading.set() if stage == "load" else None
    await loading.wait()
    strays = [product_snapshot(10**12 + n) for n in range(3_000)]
    async with Publisher(kafka) as publisher:
        await publisher.publish([OutgoingMessage(PRODUCT.name, b"1", msgspec.json.encode(each)) for each in strays])


async def test_if_missing_fills_the_empty_index_of_a_consumer_and_then_does_nothing(
    rebuild: Rebuild, installation: Installation, product: Product
) -> None:
    await installation.indexes.ensure()
    assert await reindex_if_missing(rebuild)
    assert await count(installation, product) == 1
    assert await reindex_if_missing(rebuild) is None


async def test_if_missing_rebuilds_an_index_of_an_earlier_release(
    rebuild: Rebuild, installation: Installation, product: Product
) -> None:
    live = await reindex(rebuild)
    await installation.client.indices.put_mapping(index=live, meta={"mapping_version": 1, "seeded": True})
    assert await reindex_if_missing(rebuild) != live
    assert await count(installation, product) == 1


async def test_a_rebuild_makes_missing_vectors_before_the_swap_and_the_next_one_none(
    rebuild: Rebuild, installation: Installation, product: Product, database: Database
) -> None:
    model = tiny_model()
    with BackgroundEmbedder(model) as embedder, patch.object(model, "embed", wraps=model.embed) as made:
        rebuild.vectors = CompletedVectors(database, embedder)
        await reindex(rebuild)
        with_vector = {"exists": {"field": "vector"}}
        live = installation.indexes.names.reads
        counted = await installation.client.count(index=live, query=with_vector)
        assert counted["count"] == await installation.indexes.count_live(live) > 0
        assert made.call_count
        made.reset_mock()
        await reindex(rebuild)
        assert made.call_count == 0
    assert (await installation.client.count(index=live, query=with_vector))["count"] == counted["count"]
    assert await count(installation, product) == 1


async def test_a_server_that_is_away_is_told_as_such(rebuild: Rebuild) -> None:
    rebuild.client = rebuild.client.__class__("http://127.0.0.1:1", max_retries=0)
    with pytest.raises(SearchUnavailable):
        await reindex(rebuild)
    await rebuild.client.close()


@pytest.mark.usefixtures("kafka", "product")
def test_the_command_rebuilds_and_says_what_it_did(own_environment: Mapping[str, str]) -> None:
    assert "products indexed in" in run_aisle(own_environment, "reindex")
    assert "already" in run_aisle(own_environment, "reindex", "--if-missing")
