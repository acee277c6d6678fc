"""Rebuilds the products' index beside the live one and swaps them without a gap; called by `aisle reindex`.

    1  note the end of every partition of the product topic
    2  create the next index, refreshes off
    3  load the snapshots from Postgres
    4  replay what was published since step 1
    5  restore the settings, refresh, compare counts with Postgres and answers with the live index: the gate
    6  replay again, so that little is left for 8, and note in the new index where that ended
    7  swap the aliases in one step
    8  replay from there: the live consumer wrote what came between 6 and 7 to the old index; clear the note

Each write carries its product's version, so replaying twice or in any order ends in the newest state. Killed before 7,
it leaves the live index as it was, and the next run removes the leftover; killed in 8, the next run of any kind
(`--if-missing` as well) finds the note and replays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import stamina
import structlog
from elasticsearch import AsyncElasticsearch

from messaging.errors import Poison, RetryLater
from messaging.messages import IncomingMessage
from messaging.replay import end_offsets, replay
from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from schemas.events.product_snapshot import ProductSnapshot
from schemas.events.topics import PRODUCT
from schemas.search_settings import SearchSettings
from schemas.settings import KafkaSettings
from search_indexer.index.bulk_writer import BulkWriter, Refused
from search_indexer.index.consumer import index_messages
from search_indexer.index.gate import Judgments, check_answers
from search_indexer.index.in_flight import InFlight
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from search_indexer.index.product_vectors import NO_VECTORS, VectorSource
from search_indexer.storage.product_count import ProductCount, count_products
from search_indexer.storage.rebuild_lock import rebuild_lock
from search_indexer.translated_errors import translated_errors

log = structlog.get_logger(__name__)

GATE_TRIES = 5
LOAD_TRIES = 12

LOADED_AT_ONCE = 250
"""Products of one request: about 1 MB with their vectors."""

LOADING_AT_ONCE = 4
"""Requests on their way at once: two keep Elasticsearch busy on two processors while the others are being made."""

Report = Callable[[str, int, int | None], None]
"""Told the stage, how many products are done in it, and how many there are if that is known."""


@dataclass
class CountsDiffer(Exception):
    """The gate refused: the new index does not hold as many products as Postgres. Nothing was swapped."""

    indexed: int
    expected: int

    def __str__(self) -> str:
        """Tell both counts."""
        return f"the new index holds {self.indexed} products, Postgres {self.expected}: nothing was changed"


@dataclass(slots=True)
class Rebuild:
    """What a rebuild works with, and what it has found so far.

    The gate asks the queries of `judgments` too; with `force` it is not asked at all. `keep` counts the indexes that
    stay for a rollback. What `vectors` does not give is written without, and the filler adds it after the swap.
    """

    client: AsyncElasticsearch
    database: Database
    search: SearchSettings
    kafka: KafkaSettings
    currency: str
    judgments: Judgments = field(default_factory=dict)
    vectors: VectorSource = NO_VECTORS
    force: bool = False
    keep: int = 1
    report: Report = lambda _stage, _done, _total: None
    refused: list[Refused] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    loaded: int = 0

    def writer(self, name: str) -> BulkWriter:
        """Make what writes to an index that no alias names yet."""
        return BulkWriter(self.client, name, alias_only=False, vectors=self.vectors)


async def reindex(rebuild: Rebuild) -> str:
    """Do all eight steps and give the new index's name.

    Raises RebuildIsRunning when another does it already, CountsDiffer or GateRefused from the gate, order_service's
    Unavailable, search_indexer's errors, and messaging's RetryLater when Elasticsearch takes no writes for minutes.
    Waits for Kafka while it is away.
    """
    async with rebuild_lock(rebuild.database):
        with translated_errors():
            return await _reindex(rebuild)


async def reindex_if_missing(rebuild: Rebuild) -> str | None:
    """Rebuild unless the live index was filled from Postgres by this release; None when there was nothing to do."""
    indexes = ProductIndexes(rebuild.client, rebuild.search)
    with translated_errors():
        if not await indexes.is_current():
            return await reindex(rebuild)
        if (noted := await indexes.noted_replay()) is not None:
            await _finish(rebuild, indexes, *noted)
    return None


async def _reindex(rebuild: Rebuild) -> str:
    indexes = ProductIndexes(rebuild.client, rebuild.search)
    rebuild.removed = await indexes.remove_leftovers()
    noted = await end_offsets(rebuild.kafka, PRODUCT.name)
    name = await indexes.create_building()
    writer = rebuild.writer(name)
    await _load(rebuild, writer)
    caught_up = await _replay(rebuild, writer, noted)
    await indexes.make_serviceable(name)
    if not rebuild.force:
        caught_up = await _pass_gate(rebuild, indexes, writer, name, caught_up)
        rebuild.report("ask", 0, None)
        await check_answers(rebuild.database, indexes, name, rebuild.judgments)
    caught_up = await _replay(rebuild, writer, caught_up)
    rebuild.report("swap", 0, None)
    await indexes.note_replay(name, caught_up)
    await indexes.swap_to(name, rebuild.keep)
    await _finish(rebuild, indexes, name, caught_up)
    return name


async def _finish(rebuild: Rebuild, indexes: ProductIndexes, name: str, noted: Mapping[int, int]) -> None:
    """Bring into the index, live by now, what the consumer wrote to the one before."""
    await _replay(rebuild, rebuild.writer(name), noted)
    await rebuild.client.indices.refresh(index=name)
    await indexes.note_replay(name, None)


async def _load(rebuild: Rebuild, writer: BulkWriter) -> None:
    total = (await count_products(rebuild.database)).live
    async with InFlight(LOADING_AT_ONCE) as loading:
        async for snapshots in stream_snapshots(rebuild.database, rebuild.currency, LOADED_AT_ONCE):
            await loading.start(_load_batch(rebuild, writer, snapshots, total))


async def _load_batch(rebuild: Rebuild, writer: BulkWriter, snapshots: Sequence[ProductSnapshot], total: int) -> None:
    documents = [product_document(snapshot) for snapshot in snapshots]
    async for attempt in stamina.retry_context(on=RetryLater, attempts=LOAD_TRIES, timeout=None):
        with attempt:
            rebuild.refused += await writer.write(documents)
    rebuild.loaded += len(documents)
    rebuild.report("load", rebuild.loaded, total)


async def _replay(rebuild: Rebuild, writer: BulkWriter, from_offsets: Mapping[int, int]) -> dict[int, int]:
    async def handle(messages: Sequence[IncomingMessage]) -> None:
        try:
            await index_messages(writer, messages)
        except Poison as poison:  # the live consumer puts them into the dead letters; the rest of the batch is written
            log.warning("not_indexed", reasons=[reason for _, reason in poison.faults])

    rebuild.report("replay", 0, None)
    return await replay(rebuild.kafka, PRODUCT.name, from_offsets=from_offsets, handle=handle)


async def _pass_gate(
    rebuild: Rebuild, indexes: ProductIndexes, writer: BulkWriter, name: str, caught_up: dict[int, int]
) -> dict[int, int]:
    """Compare the counts, catching up between tries: while products come and go the two are read at two moments."""
    for tried in range(1, GATE_TRIES + 1):
        before = await count_products(rebuild.database)
        caught_up = await _replay(rebuild, writer, caught_up)
        indexed = await indexes.count_live(name)
        after = await count_products(rebuild.database)
        rebuild.report("compare", indexed, after.live)
        if _agree(indexed, before, after, refused=len(rebuild.refused)):
            break
        if tried == GATE_TRIES:
            raise CountsDiffer(indexed, after.live)
    return caught_up


def _agree(indexed: int, before: ProductCount, after: ProductCount, *, refused: int) -> bool:
    """Whether the index's count lies where Postgres was meanwhile, give or take what the relay has yet to publish."""
    unsure = max(before.unpublished, after.unpublished)
    least = min(before.live, after.live) - unsure - refused
    return least <= indexed <= max(before.live, after.live) + unsure
