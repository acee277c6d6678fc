"""Keeps the search log off the path of requests: a bounded queue in each API process, written in batches.

`api` notes every search and click here; noting neither waits nor raises. While Postgres is slow or away the queue
fills, and what no longer fits is dropped and counted: a shopper's search matters more than its record.
"""

import asyncio
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
import structlog

from order_service.database.engine import Database
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.requests import ATTRIBUTE_FACET, SearchRequest
from search_indexer.query.typed_text import readable
from search_indexer.storage.search_log import LoggedClick, LoggedSearch, RowsRefused, insert_log, prune_log

MOST_WAITING = 20_000
BATCH = 1_000
GATHER_S = 0.2
"""How long rows gather before they are written; reports lag by this."""

RETRY_S = 1.0
CLOSING_S = 2.0
PRUNE_EVERY_S = 600.0
MOST_LISTED = 10
"""Values of one filter that the log keeps."""

log = structlog.get_logger()
Row = LoggedSearch | LoggedClick


class SearchLog:
    """One process's queue and its writer, which starts with the first row; `close` it before the database.

    `count_dropped` is told how many rows were given up. Rows older than `days` are pruned on the way.
    """

    def __init__(
        self,
        database: Database,
        days: int,
        count_dropped: Callable[[int], None] = lambda _: None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._database = database
        self._days = days
        self._count_dropped = count_dropped
        self._most_waiting = most_waiting
        self._rows: deque[Row] = deque()
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._prune_at = monotonic()

    def note_search(
        self,
        query_id: UUID,
        request: SearchRequest,
        answer: SearchAnswer,
        *,
        searcher: bytes | None = None,
        degraded: bool = False,
    ) -> None:
        """Take one answered search, `degraded` if without the index; returns at once.

        `searcher` is a digest of who searched that changes every day; never an address or a name.
        """
        self._take(
            LoggedSearch(
                query_id=query_id,
                query=normalised_query(request.q),
                first_page=request.page == 1 and request.cursor is None,
                results=answer.count,
                answered_by=answer.answered_by,
                degraded=degraded,
                filters=msgspec.json.encode(summarised_filters(request)).decode(),
                searched_at=datetime.now(UTC),
                searcher=searcher,
            )
        )

    def note_click(self, query_id: UUID, product_id: int, position: int) -> None:
        """Take one click; returns at once."""
        now = datetime.now(UTC)
        self._take(LoggedClick(query_id=query_id, product_id=product_id, position=position, clicked_at=now))

    async def close(self) -> None:
        """Write what waits, for at most 2 s, and stop."""
        if self._writer is None:
            return
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                while self._rows and await self._write():
                    pass
        self._drop(len(self._rows))

    def _take(self, row: Row) -> None:
        if len(self._rows) >= self._most_waiting:
            self._count_dropped(1)
            return
        self._rows.append(row)
        self._arrived.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_on())

    async def _write_on(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PRUNE_EVERY_S):
                    await self._arrived.wait()
            await asyncio.sleep(GATHER_S)
            self._arrived.clear()
            while self._rows:
                if not await self._write():
                    await asyncio.sleep(RETRY_S)
            await self._prune()

    async def _write(self) -> bool:
        """Write one batch; False when Postgres would not have it now, then it waits on at the head of the queue."""
        batch = [self._rows[position] for position in range(min(BATCH, len(self._rows)))]
        searches = [row for row in batch if isinstance(row, LoggedSearch)]
        clicks = [row for row in batch if isinstance(row, LoggedClick)]
        try:
            await insert_log(self._database, searches, clicks)
        except RowsRefused as error:
            log.error("rows of the search log were refused", rows=len(batch), error=str(error)[:500])  # noqa: TRY400 - the traceback would hold every row
            self._drop(len(batch))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the log, the shop goes on
            log.warning("the search log waits for Postgres", waiting=len(self._rows), error=str(error)[:500])
            return False
        else:
            self._forget(len(batch))
        return True

    def _drop(self, rows: int) -> None:
        self._forget(rows)
        if rows:
            self._count_dropped(rows)

    def _forget(self, rows: int) -> None:
        for _ in range(rows):
            self._rows.popleft()

    async def _prune(self) -> None:
        if monotonic() < self._prune_at:
            return
        self._prune_at = monotonic() + PRUNE_EVERY_S
        try:
            while await prune_log(self._database, self._days):
                pass
        except Exception as error:  # noqa: BLE001 - it is tried again in ten minutes
            log.warning("the search log could not be pruned", error=str(error)[:500])


def normalised_query(text: str) -> str:
    """Give the text as reports group it: readable, compatibility forms and letter case folded."""
    return readable(unicodedata.normalize("NFKC", text[:2_000]).casefold())


def summarised_filters(request: SearchRequest) -> dict[str, Any]:
    """Give the filters in use by name, at most ten values each; prices in minor units, None open."""
    chosen: dict[str, Any] = {
        "brand": request.brand[:MOST_LISTED],
        "category": request.category[:MOST_LISTED],
        **{f"attr.{key}": values[:MOST_LISTED] for key, values in list(request.attributes.items())[:MOST_LISTED]},
    }
    summary = {name: values for name, values in chosen.items() if values}
    if (request.price_min_minor, request.price_max_minor) != (None, None):
        summary["price"] = [request.price_min_minor, request.price_max_minor]
    if request.in_stock is not None:
        summary["in_stock"] = request.in_stock
    if request.store_id is not None:
        summary["store_id"] = request.store_id
    return summary


def request_of(query: str, summary: Mapping[str, Any]) -> SearchRequest:
    """Give the search that a row of the log was, as far as its summary of filters goes."""
    low, high = summary.get("price", [None, None])
    return SearchRequest(
        q=query,
        brand=summary.get("brand", []),
        category=summary.get("category", []),
        attributes={
            name.removeprefix(ATTRIBUTE_FACET): values
            for name, values in summary.items()
            if name.startswith(ATTRIBUTE_FACET)
        },
        price_min_minor=low,
        price_max_minor=high,
        in_stock=summary.get("in_stock"),
        store_id=summary.get("store_id"),
    )
