"""How far searches are behind Postgres, measured beside the requests; each API process holds one.

The lag is the age of the oldest committed change of a product that searches cannot find yet: one that the relay has
not published, or one newer than the newest change in the index. It is 0 when there is none.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

import structlog

from order_service.database.engine import Database
from search_indexer.query.index_reader import SearchReader
from search_indexer.storage.unindexed_changes import oldest_unindexed_ms

EVERY_S = 1.0
LARGEST_SHARE = 0.01
"""Of the time that measuring may take; in a catalogue so large that it takes long it is done more seldom."""

FORGOTTEN_S = 10.0
"""Age from which a measurement is not told any more, unless measuring itself takes so long."""

RESOLUTION = timedelta(milliseconds=1)

log = structlog.get_logger(__name__)


class IndexLag:
    """Measures when asked and due, one at a time; `close` it before the reader and the database."""

    def __init__(self, reader: SearchReader, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._reader = reader
        self._database = database
        self._clock = clock
        self._lag_ms: int | None = None
        self._measured_at = self._due_at = float("-inf")
        self._pause_s = EVERY_S
        self._running: asyncio.Task[None] | None = None

    def current_ms(self) -> int | None:
        """Give the last measurement, at most about a second old, without waiting; None while there is none."""
        now = self._clock()
        if now >= self._due_at and (self._running is None or self._running.done()):
            self._due_at = now + EVERY_S
            self._running = asyncio.create_task(self._measure())
        return self._lag_ms if now < self._measured_at + FORGOTTEN_S + self._pause_s else None

    async def close(self) -> None:
        """Wait for nothing: a measurement that is running is given up."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def measure(self) -> int:
        """Measure now, in milliseconds; raises search's errors and Unavailable."""
        newest = await self._reader.newest_change()
        after = datetime.fromtimestamp(0, UTC) if newest is None else newest + RESOLUTION
        return await oldest_unindexed_ms(self._database, after)

    async def _measure(self) -> None:
        started = self._clock()
        try:
            self._lag_ms = await self.measure()
        except Exception as error:  # noqa: BLE001 - no answer may fail for want of its lag, whatever the reason
            log.warning("index_lag_unknown", error=repr(error))
            return
        self._measured_at = self._clock()
        self._pause_s = max(EVERY_S, (self._measured_at - started) / LARGEST_SHARE)
        self._due_at = started + self._pause_s
