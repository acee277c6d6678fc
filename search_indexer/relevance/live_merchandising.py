"""The synonyms and rules that searches of one process go by: read again when their version rises, never in the way.

`api` asks before each search. A change is in effect everywhere within about a second, without a restart and without
touching the index. While Postgres is away the last ones read stay in effect.
"""

import asyncio
from time import monotonic

import structlog

from order_service.database.engine import Database
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising, prepared
from search_indexer.relevance.merchandising import read_rules, read_synonyms
from search_indexer.storage.merchandising import read_versions

FRESH_S = 0.5
WAIT_S = 0.25
"""How long a search waits for the versions to be read: one statement of some 2 ms, unless Postgres is in trouble."""

log = structlog.get_logger()


class LiveMerchandising:
    """One process's view; share one per event loop, and `close` it before the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._current = NO_MERCHANDISING
        self._versions: dict[str, int] = {}
        self._fresh_until = 0.0
        self._is_trusted = True
        self._reading: asyncio.Task[None] | None = None

    async def current(self) -> Merchandising:
        """Give what is in effect; waits at most 0.25 s, and not at all while Postgres does not answer. Never raises."""
        if monotonic() < self._fresh_until:
            return self._current
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read())
        if self._is_trusted:
            await asyncio.wait({self._reading}, timeout=WAIT_S)
            self._is_trusted = self._reading.done() and self._is_trusted
        return self._current

    def forget(self) -> None:
        """Have the next search read again: something was saved here."""
        self._fresh_until = 0.0

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _read(self) -> None:
        """Read the versions, and what changed; whatever goes wrong, searches go on with what there is."""
        asked = monotonic()
        try:
            versions = await read_versions(self._database)
            if versions != self._versions:
                sets, rules = await read_synonyms(self._database), await read_rules(self._database)
                self._current = prepared(sets.items, rules.items)
                seen = {"synonyms": sets.version, "rules": rules.version}
                self._versions = {kind: version for kind, version in seen.items() if version}
        except Exception as error:  # noqa: BLE001 - a search is worth more than its newest rule
            if self._is_trusted:
                log.warning("synonyms and rules cannot be read; the last ones stay", error=str(error)[:500])
            self._is_trusted = False
        else:
            self._is_trusted = True
        self._fresh_until = asked + FRESH_S
