"""`aisle reindex` beside the bulk requests alone, made in advance and sent by the same client, in the same run.

The catalogue is made of the first lines of the import's benchmark, about 800 bytes each. Their vectors are kept in
Postgres already, drawn around as many centres as there are categories, so that no model runs: a rebuild makes none
twice.
Both sides write into indexes of the same mapping and end when Elasticsearch has acknowledged the last document.
"""

import asyncio
import gzip
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from elasticsearch import AsyncElasticsearch

from benchmarks.import_products import CATEGORIES, feed_lines
from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Goal, Row
from messaging.topics import ensure_topics
from order_service.database.engine import Database, open_database
from order_service.product_snapshots import stream_snapshots
from schemas.environment import load
from schemas.search_document import SearchDocument
from schemas.search_settings import SearchSettings
from schemas.settings import DatabaseSettings, KafkaSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.embedding_model.prepared_model import DIMENSIONS, MODEL_NAME
from search_indexer.index.bulk_writer import BulkItem, BulkWriter
from search_indexer.index.embedded_text import packed, text_hash, text_of
from search_indexer.index.in_flight import InFlight
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import bulk_lines, product_document
from search_indexer.index.product_vectors import KnownVectors
from search_indexer.index.reindex import LOADED_AT_ONCE, LOADING_AT_ONCE, Rebuild, reindex
from search_indexer.storage.vectors import keep_vectors
from tests.factories.processes import run_aisle

NAME = "reindex"

PRODUCTS = 5_000

LEAST_RATIO = 0.6
TURNS = 3
"""Of both sides, one after the other; the first warms Elasticsearch up and does not count."""

SPREAD = 0.5
"""How far vectors lie from their centre, as a share of the distance between centres."""


def run() -> list[Row]:
    """Import, keep vectors, then rebuild and send in turns; takes about a minute."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.jsonl.gz"
        feed.write_bytes(gzip.compress(b"".join(feed_lines(PRODUCTS)), 6))
        run_aisle(environment, "import", "products", str(feed))
        loaded, sent, whole = asyncio.run(_measured(environment))
    name = "the same lines, made in advance, by bulk alone"
    return [
        Row(f"aisle reindex, loading {PRODUCTS:,} products", loaded, sent, name, "docs/s", Goal(LEAST_RATIO)),
        Row("the same from the first step to the swap", whole, sent, name, "docs/s"),
    ]


async def _measured(environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Give documents a second of loading, of sending alone, and of the whole rebuild: the best turn of each."""
    database = open_database(load(DatabaseSettings, environment), statement_timeout_ms=0)
    client = open_writing_client(load(SearchSettings, environment))
    try:
        await ensure_topics(load(KafkaSettings, environment))
        documents = await _documents(database)
        await _keep_drawn_vectors(database, documents)
        items = await _items(database, documents)
        turns = [(*await _rebuilt_s(environment, database, client), await _sent_s(client, items)) for _ in range(TURNS)]
        loading, whole, sending = (min(times) for times in zip(*turns[1:], strict=True))
        return len(items) / loading, len(items) / sending, len(items) / whole
    finally:
        await client.close()
        await database.close()


async def _rebuilt_s(
    environment: Mapping[str, str], database: Database, client: AsyncElasticsearch
) -> tuple[float, float]:
    """Rebuild with all the gate asks; gives the seconds of loading and of everything."""
    ended: dict[str, float] = {}

    def note(stage: str, _done: int, _total: int | None) -> None:
        ended.setdefault(stage, time.monotonic())
        if stage == "load":
            ended[stage] = time.monotonic()

    search, kafka = load(SearchSettings, environment), load(KafkaSettings, environment)
    vectors = KnownVectors(database)
    started = time.monotonic()
    await reindex(Rebuild(client, database, search, kafka, "USD", vectors=vectors, keep=0, report=note))
    return ended["load"] - started, time.monotonic() - started


async def _sent_s(client: AsyncElasticsearch, items: Sequence[BulkItem]) -> float:
    """Send what a rebuild sends, as many at once, into a new index; gives the seconds."""
    indexes = ProductIndexes(client, SearchSettings(url="http://unused", index_prefix=f"raw{time.monotonic_ns()}"))
    name = await indexes.create_building()
    writer = BulkWriter(client, name, alias_only=False)
    try:
        started = time.monotonic()
        async with InFlight(LOADING_AT_ONCE) as sending:
            for start in range(0, len(items), LOADED_AT_ONCE):
                await sending.start(writer.write_items(items[start : start + LOADED_AT_ONCE]))
        return time.monotonic() - started
    finally:
        await client.indices.delete(index=name)


async def _documents(database: Database) -> list[SearchDocument]:
    return [product_document(each) async for batch in stream_snapshots(database, "USD") for each in batch]


async def _items(database: Database, documents: Sequence[SearchDocument]) -> list[BulkItem]:
    vectors = await KnownVectors(database).of(documents)
    return [BulkItem(each.id, bulk_lines(each, vectors[each.id])) for each in documents]


async def _keep_drawn_vectors(database: Database, documents: Sequence[SearchDocument]) -> None:
    drawn = np.random.default_rng(PRODUCTS)
    centres = drawn.normal(size=(CATEGORIES, DIMENSIONS))
    vectors = centres[drawn.integers(CATEGORIES, size=len(documents))]
    vectors += SPREAD * drawn.normal(size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hashes = [text_hash(text) for each in documents if (text := text_of(each)) is not None]
    kept = dict(zip(hashes, packed(vectors.astype(np.float32)), strict=True))
    await keep_vectors(database, MODEL_NAME, kept)
