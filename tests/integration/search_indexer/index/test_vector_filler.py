"""The filler on a real index: what lacks its vector gets it, and nothing else changes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from unittest.mock import patch

import pytest

from order_service.database.engine import Database
from search_indexer.index import vector_filler
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.content_hash import document_hash
from search_indexer.index.indexed_documents import indexed_now
from search_indexer.index.product_document import product_document
from search_indexer.index.product_vectors import KnownVectors
from search_indexer.index.vector_filler import PAGE, Filling, fill_once, fill_until_stopped
from tests.factories.product_snapshots import product_snapshot
from tests.factories.tiny_model import tiny_model
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers

MODEL = tiny_model()
NEVER = asyncio.Event()


@pytest.fixture
def embedder() -> Iterator[BackgroundEmbedder]:
    with BackgroundEmbedder(MODEL) as made:
        yield made


@pytest.fixture
def filling(installation: Installation, database: Database, embedder: BackgroundEmbedder) -> Filling:
    return Filling(installation.client, installation.indexes.names, database, embedder)


@pytest.fixture
async def nearest(installation: Installation) -> Any:
    """Ask the index for the products nearest to a text."""

    async def ask(text: str) -> list[str]:
        await installation.refresh()
        knn = {"field": "vector", "query_vector": MODEL.embed([text])[0].tolist(), "num_candidates": 50, "k": 50}
        found = await installation.client.search(index=installation.indexes.names.reads, knn=knn, size=50)
        return [hit["_source"]["title"] for hit in found["hits"]["hits"]]

    return ask


async def test_documents_without_a_vector_get_theirs_and_deleted_ones_none(
    installation: Installation, filling: Filling, nearest: Any
) -> None:
    titles = ["red lamp", "oak desk", "blue chair"]
    await installation.hold(
        [product_snapshot(n, title=title) for n, title in enumerate(titles, 1)]
        + [product_snapshot(9, title="green phone", deleted=True)]
    )
    assert await nearest("red lamp") == []
    assert await fill_once(filling, NEVER) == 3
    assert sorted(await nearest("red lamp. HDMI cable. ")) == sorted(titles)
    assert (await nearest("red lamp. HDMI cable. "))[0] == "red lamp"
    assert await fill_once(filling, NEVER) == 0


async def test_more_than_a_page_is_filled_in_one_pass(installation: Installation, filling: Filling) -> None:
    await installation.hold([product_snapshot(n, title=f"lamp {n}") for n in range(1, PAGE + 6)])
    assert await fill_once(filling, NEVER) == PAGE + 5


async def test_the_version_and_every_field_stay_as_they_were_so_that_an_audit_sees_no_difference(
    installation: Installation, filling: Filling
) -> None:
    snapshot = product_snapshot(1, version=5, title="red lamp", attributes={"Colour": "red"}, in_stock_store_ids=[2])
    await installation.hold([snapshot])
    names = installation.indexes.names
    before = await installation.client.get(index=names.reads, id="1")
    assert await fill_once(filling, NEVER) == 1
    after = await installation.client.get(index=names.reads, id="1")
    assert (after["_version"], after["_source"]) == (5, before["_source"])
    found = await indexed_now(installation.client, names.reads, ["1"])
    assert found["1"].digest == document_hash(product_document(snapshot))


async def test_a_document_that_changed_meanwhile_stays_as_it_is(
    installation: Installation, filling: Filling, nearest: Any
) -> None:
    await installation.hold([product_snapshot(1, version=1, title="red lamp")])
    hits = await vector_filler._without_vector(filling, None)
    await installation.hold([product_snapshot(1, version=2, title="oak desk")])
    items = await vector_filler._items(filling, hits)
    assert await BulkWriter(installation.client, installation.indexes.names.writes).write_items(items) == []
    assert await nearest("red lamp") == []
    assert await fill_once(filling, NEVER) == 1
    assert await nearest("oak desk") == ["oak desk"]


async def test_a_changed_price_keeps_the_vector_and_needs_no_model(
    installation: Installation, filling: Filling, database: Database, nearest: Any
) -> None:
    await installation.hold([product_snapshot(1, title="red lamp")])
    await fill_once(filling, NEVER)
    writer = BulkWriter(installation.client, installation.indexes.names.writes, vectors=KnownVectors(database))
    await writer.write([product_document(product_snapshot(1, version=2, title="red lamp", price_minor=5))])
    assert await nearest("red lamp") == ["red lamp"]


async def test_a_document_that_no_product_ever_had_does_not_hold_the_filler_up(
    installation: Installation, filling: Filling
) -> None:
    await installation.hold([product_snapshot(1, title="red lamp")])
    await installation.client.index(
        index=installation.indexes.names.writes, id="stray", document={"id": 7, "deleted": False}, refresh=True
    )
    assert await fill_once(filling, NEVER) == 1


@asynccontextmanager
async def running(*fillings: Filling) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(fill_until_stopped(each, stop)) for each in fillings]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


async def test_of_two_fillers_one_works_and_it_goes_on_with_what_comes(
    installation: Installation, filling: Filling, database: Database, embedder: BackgroundEmbedder, nearest: Any
) -> None:
    told: list[int] = []
    both = [Filling(filling.client, filling.names, database, embedder, told.append) for _ in range(2)]
    await installation.indexes.ensure()
    with patch.object(vector_filler, "LOOK_EVERY_S", 0.3), patch.object(MODEL, "embed", wraps=MODEL.embed) as made:
        async with running(*both):
            for number, title in enumerate(("phone of oak", "cable of blue"), 1):
                await installation.hold([product_snapshot(number, title=title)])
                end = monotonic() + 20
                while sum(told) < number:
                    assert monotonic() < end
                    await asyncio.sleep(0.02)
    assert made.call_count <= 2
    assert sorted(await nearest("phone")) == ["cable of blue", "phone of oak"]


async def test_a_filler_without_a_server_waits_and_stops_when_asked(filling: Filling, database: Database) -> None:
    away = filling.client.__class__("http://127.0.0.1:1", max_retries=0)
    async with running(Filling(away, filling.names, database, filling.embedder)):
        pass
    await away.close()
