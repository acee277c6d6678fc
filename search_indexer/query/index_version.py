"""Which state of the index searches see, looked at beside the requests, so that kept answers go when it changes.

A state is the index's name, its highest sequence number and its newest change: a write of any kind raises one of them,
a swap changes the name. With several shards a deletion alone may go unnoticed.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

import structlog

from search_indexer.query.index_reader import IndexState, SearchReader

EVERY_S = 0.1
"""How often it is looked at while searches come: a look takes Elasticsearch about a millisecond."""

TRUSTED_S = 2.0
"""Age up to which a look counts, should Elasticsearch be slow to answer one; after a pause the first finds none."""

log = structlog.get_logger(__name__)


class IndexVersion:
    """One process's view; `close` it before the reader."""

    def __init__(self, reader: SearchReader, clock: Callable[[], float] = monotonic) -> None:
        self._reader = reader
        self._clock = clock
        self._seen: IndexState | None = None
        self._seen_at = self._due_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    def current(self) -> IndexState | None:
        """Give the last state seen, at most two seconds old, without waiting; None when there is none."""
        now = self._clock()
        if now >= self._due_at and (self._looking is None or self._looking.done()):
            self._due_at = now + EVERY_S
            self._looking = asyncio.create_task(self._look())
        return self._seen if now < self._seen_at + TRUSTED_S else None

    async def close(self) -> None:
        """Give a look up that is running."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        started = self._clock()
        try:
            self._seen = await self._reader.state()
        except Exception as error:  # noqa: BLE001 - without a look nothing is answered from what was kept, whatever the reason
            log.info("index_version_unknown", error=repr(error))
        else:
            self._seen_at = started
