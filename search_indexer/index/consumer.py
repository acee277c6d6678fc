"""Follows the product topic into the live index; run by `aisle consume index`, and by the rebuild when it replays.

Offsets are committed by messaging's runtime after `index_messages` returns, that is after Elasticsearch acknowledged.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from messaging.batch_handling import Handler
from messaging.consumer import run_consumer
from messaging.errors import Poison, RetryLater
from messaging.messages import IncomingMessage
from messaging.waiting import Backoff, happened_within
from schemas.events.product_snapshot import ProductSnapshot
from schemas.events.topics import PRODUCT
from schemas.search_settings import SearchSettings
from schemas.settings import KafkaSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from search_indexer.index.product_vectors import NO_VECTORS, VectorSource

GROUP = "search-index"
START_BACKOFF = Backoff(first_s=0.2, cap_s=3.0)

log = structlog.get_logger(__name__)

decoder = msgspec.json.Decoder(ProductSnapshot)


class OldestChange(NamedTuple):
    """The change of a batch that waited longest, committed `at` this time by Postgres's clock."""

    product_id: int
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class IndexedBatch:
    """What one acknowledged batch was: `messages` read, `products` written (the newest of each).

    `behind` is the age of the oldest change in it when Elasticsearch had acknowledged all; it becomes searchable
    within one refresh interval from then.
    """

    messages: int
    products: int
    oldest: OldestChange
    behind: timedelta


OnIndexed = Callable[[IndexedBatch], None]


def log_batch(batch: IndexedBatch) -> None:
    """Tell the log of a batch; the hook of processes that keep no metrics."""
    log.debug("indexed", messages=batch.messages, products=batch.products, behind_s=batch.behind.total_seconds())


async def run_index_consumer(
    search: SearchSettings,
    kafka: KafkaSettings,
    stop: asyncio.Event,
    on_indexed: OnIndexed = log_batch,
    vectors: VectorSource = NO_VECTORS,
) -> None:
    """Consume until `stop` is set, then drain and return; waits for Elasticsearch and Kafka while they are away."""
    client = open_writing_client(search)
    try:
        indexes = ProductIndexes(client, search)
        await _ensure_index(indexes, stop)
        if not stop.is_set():
            handle = live_handler(client, indexes, on_indexed, vectors)
            await run_consumer(kafka, group=GROUP, topics=[PRODUCT.name], handle=handle, stop=stop)
    finally:
        await client.close()


def live_handler(
    client: AsyncElasticsearch,
    indexes: ProductIndexes,
    on_indexed: OnIndexed = log_batch,
    vectors: VectorSource = NO_VECTORS,
) -> Handler:
    """Make the handler that writes to the live index, and makes an empty one anew should somebody delete it."""
    writer = BulkWriter(client, indexes.names.writes, vectors=vectors)

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        try:
            await index_messages(writer, messages, on_indexed)
        except RetryLater:
            await _ensure_quietly(indexes)
            raise

    return handle


async def index_messages(
    writer: BulkWriter, messages: Sequence[IncomingMessage], on_indexed: OnIndexed = log_batch
) -> None:
    """Write the newest snapshot of each product in the messages; tombstones are skipped, a deletion came before them.

    Raises Poison naming every message that is no snapshot or that Elasticsearch refuses, after all others were
    written, and RetryLater when it cannot write now.
    """
    newest, faults = _newest_of_each(messages)
    snapshots = {product_id: snapshot for product_id, (snapshot, _) in newest.items()}
    refused = await writer.write([product_document(snapshot) for snapshot in snapshots.values()])
    if snapshots:
        first = min(snapshots.values(), key=lambda snapshot: snapshot.updated_at)
        oldest = OldestChange(first.id, first.version, first.updated_at)
        on_indexed(IndexedBatch(len(messages), len(snapshots), oldest, behind=datetime.now(UTC) - oldest.at))
    faults += [(newest[each.product_id][1], each.reason) for each in refused]
    if faults:
        raise Poison.several(faults)


def _newest_of_each(
    messages: Sequence[IncomingMessage],
) -> tuple[dict[int, tuple[ProductSnapshot, IncomingMessage]], list[tuple[IncomingMessage, str]]]:
    newest: dict[int, tuple[ProductSnapshot, IncomingMessage]] = {}
    faults: list[tuple[IncomingMessage, str]] = []
    for message in messages:
        if message.value is None:
            continue
        try:
            snapshot = decoder.decode(message.value)
        except (msgspec.DecodeError, RecursionError) as error:
            faults.append((message, f"not a product snapshot: {error}"))
            continue
        known = newest.get(snapshot.id)
        if known is None or known[0].version <= snapshot.version:
            newest[snapshot.id] = snapshot, message
    return newest, faults


async def _ensure_index(indexes: ProductIndexes, stop: asyncio.Event) -> None:
    failures = 0
    while not stop.is_set():
        try:
            await indexes.ensure()
        except (TransportError, ApiError) as error:
            failures += 1
            log.warning("elasticsearch_away", doing="ensure_index", error=str(error), failures=failures)
            await happened_within(stop, START_BACKOFF.pause_s(failures))
        else:
            return


async def _ensure_quietly(indexes: ProductIndexes) -> None:
    """Make the index anew if it is gone; while Elasticsearch is away the next try will."""
    try:
        if await indexes.ensure():
            log.error("index_was_gone", advice="aisle reindex")
    except (TransportError, ApiError) as error:
        log.warning("elasticsearch_away", doing="ensure_index", error=str(error))
