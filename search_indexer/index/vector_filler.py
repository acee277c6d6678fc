"""Finds live documents without a vector, makes it, and writes them again; runs beside the index consumer.

What there is to do is asked of the index, so a process killed at any moment loses nothing but its last page. Each
document is written again as it was found, at its own version: one that was changed meanwhile stays as it is, and is
found again should it lack its vector. One process of all that run fills, the others stand by.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from elasticsearch import AsyncElasticsearch

from messaging.waiting import Backoff, happened_within
from order_service.database.engine import Database
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.embedding_model.prepared_model import MODEL_NAME
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.bulk_writer import BulkItem, BulkWriter
from search_indexer.index.embedded_text import embedded_text, text_hash, vector_json
from search_indexer.index.indexed_documents import product_id_of
from search_indexer.index.product_document import source_lines
from search_indexer.index.product_vectors import complete
from search_indexer.index_names import IndexNames
from search_indexer.query.embedding import Model
from search_indexer.storage.vectors import filling_lock, prune_vectors

PAGE = 64
"""Documents of one round, half a second of work."""

LOOK_EVERY_S = 1.0
"""Longer than a refresh interval, or what was just written would be found again."""

THREADS = min(4, max(1, (os.cpu_count() or 1) // 2))
"""Half the processors, and few enough to leave a large machine to others."""

STAND_BY_S = 5.0
PRUNE_EVERY_S = 3600.0
BACKOFF = Backoff(first_s=0.5, cap_s=10.0)

WITHOUT_VECTOR: dict[str, Any] = {
    "bool": {"filter": [{"term": {"deleted": False}}], "must_not": [{"exists": {"field": "vector"}}]}
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Filling:
    """What the filler works with; `report` is told how many documents got their vector."""

    client: AsyncElasticsearch
    names: IndexNames
    database: Database
    embedder: BackgroundEmbedder
    report: Callable[[int], None] = lambda _filled: None


async def run_filler(
    search: SearchSettings, database: Database, model: Model, stop: asyncio.Event, report: Callable[[int], None]
) -> None:
    """Open what filling needs and fill until `stop` is set; `report` is told how many documents got their vector."""
    client = open_writing_client(search)
    try:
        with BackgroundEmbedder(model, THREADS) as embedder:
            names = IndexNames(search.index_prefix)
            await fill_until_stopped(Filling(client, names, database, embedder, report), stop)
    finally:
        await client.close()


async def fill_until_stopped(filling: Filling, stop: asyncio.Event) -> None:
    """Fill whenever this process is the one, until `stop` is set; waits with back-off while a server is away."""
    failures = 0
    while not stop.is_set():
        try:
            async with filling_lock(filling.database) as ours:
                if ours:
                    await _fill_on_and_on(filling, stop)
            failures = 0
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the vectors, the index goes on
            failures += 1
            log.warning("vectors_wait", error=repr(error), failures=failures)
            await happened_within(stop, BACKOFF.pause_s(failures))
        else:
            await happened_within(stop, STAND_BY_S)


async def _fill_on_and_on(filling: Filling, stop: asyncio.Event) -> None:
    now = asyncio.get_running_loop().time
    prune_at = now() + PRUNE_EVERY_S
    while not stop.is_set():
        if filled := await fill_once(filling, stop):
            log.info("vectors_filled", documents=filled)
        elif now() > prune_at:
            log.info("vectors_pruned", vectors=await prune_vectors(filling.database, MODEL_NAME))
            prune_at = now() + PRUNE_EVERY_S
        await happened_within(stop, LOOK_EVERY_S)


async def fill_once(filling: Filling, stop: asyncio.Event) -> int:
    """Go through the documents without a vector by ascending id, once, and give how many got theirs.

    Raises the clients' errors, order_service's Unavailable and messaging's RetryLater.
    """
    writer = BulkWriter(filling.client, filling.names.writes)
    filled, after = 0, None
    while not stop.is_set():
        hits = await _without_vector(filling, after)
        if not hits:
            break
        items = await _items(filling, hits)
        refused = await writer.write_items(items)
        if refused:
            log.warning("vectors_refused", products=[each.product_id for each in refused], reason=refused[0].reason)
        filling.report(len(items) - len(refused))
        filled += len(items) - len(refused)
        after = hits[-1]["sort"]
    return filled


async def _without_vector(filling: Filling, after: Sequence[Any] | None) -> Sequence[Mapping[str, Any]]:
    found = await filling.client.search(
        index=filling.names.reads,
        query=WITHOUT_VECTOR,
        size=PAGE,
        sort=[{"id": "asc"}],
        search_after=list(after) if after else None,
        track_total_hits=False,
        version=True,
        allow_partial_search_results=False,
    )
    hits: Sequence[Mapping[str, Any]] = found["hits"]["hits"]
    return hits


async def _items(filling: Filling, hits: Sequence[Mapping[str, Any]]) -> list[BulkItem]:
    texts = [_text(hit["_source"]) for hit in hits]
    kept = await complete(filling.database, filling.embedder, {text_hash(text): text for text in texts})
    return [
        BulkItem(
            product_id, source_lines(product_id, hit["_version"], hit["_source"], vector_json(kept[text_hash(text)]))
        )
        for hit, text in zip(hits, texts, strict=True)
        if (product_id := product_id_of(hit["_id"])) is not None
    ]


def _text(source: Mapping[str, Any]) -> str:
    return embedded_text(source.get("title") or "", source.get("category_name"), source.get("description") or "")
