"""Measures how long changes take from commit until a search finds them; runs beside the index consumer.

Elasticsearch acknowledges a write before searches see it. So the oldest change of a batch, of one batch a second at
most, is looked for until it is found: its age then is what a shopper waits for. It is the difference of two clocks,
Postgres's (`updated_at`) and this machine's.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from messaging.waiting import happened_within
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_reading_client
from search_indexer.index.consumer import IndexedBatch, OldestChange
from search_indexer.index_names import IndexNames

EVERY_S = 1.0
LOOK_EVERY_S = 0.02
LONGEST_S = 30.0
"""Then it is given up: searches are at fault, and the lag tells that."""

log = structlog.get_logger(__name__)


class SearchableWatch:
    """Follows one change at a time; `observe` is told its seconds from commit to searchable."""

    def __init__(self, search: SearchSettings, observe: Callable[[float], None]) -> None:
        self._search = search
        self._alias = IndexNames(search.index_prefix).reads
        self._observe = observe
        self._followed: OldestChange | None = None
        self._offered = asyncio.Event()

    def offer(self, batch: IndexedBatch) -> None:
        """Follow the oldest change of this batch, unless another is being followed or was within the last second."""
        if self._followed is None:
            self._followed = batch.oldest
            self._offered.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Follow what is offered until `stop` is set; raises nothing on purpose."""
        client = open_reading_client(self._search)
        try:
            while not stop.is_set():
                await happened_within(self._offered, EVERY_S)
                if self._followed is not None:
                    await self._follow(client, self._followed, stop)
                    await happened_within(stop, EVERY_S)
                    self._offered.clear()
                    self._followed = None
        finally:
            await client.close()

    async def _follow(self, client: AsyncElasticsearch, change: OldestChange, stop: asyncio.Event) -> None:
        give_up_at = asyncio.get_running_loop().time() + LONGEST_S
        while not stop.is_set() and asyncio.get_running_loop().time() < give_up_at:
            try:
                if await self._is_found(client, change):
                    self._observe((datetime.now(UTC) - change.at).total_seconds())
                    return
            except (ApiError, TransportError) as error:
                log.info("searchable_not_known", error=str(error))
            await happened_within(stop, LOOK_EVERY_S)

    async def _is_found(self, client: AsyncElasticsearch, change: OldestChange) -> bool:
        wanted: list[dict[str, Any]] = [
            {"ids": {"values": [str(change.product_id)]}},
            {"range": {"version": {"gte": change.version}}},
        ]
        found = await client.count(index=self._alias, query={"bool": {"filter": wanted}})
        return bool(found["count"])
