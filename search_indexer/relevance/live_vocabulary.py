"""The texts that one process suggests from memory, read again when they change, never in the way of a request.

`api` asks before each suggestion. Learned completions are in effect seconds after they were saved, brands and
categories a minute after they changed. While Postgres or Elasticsearch is away the last ones read stay.
"""

import asyncio
from time import monotonic

import structlog

from order_service.database.engine import Database
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.query.vocabulary import NO_VOCABULARY, Names, Vocabulary, vocabulary_of
from search_indexer.storage.completions import EMPTY, read_completions, read_completions_version

FRESH_S = 5.0
NAMES_FRESH_S = 60.0
FIRST_WAIT_S = 0.25
"""How long the first request waits for the texts; later ones never do."""

log = structlog.get_logger(__name__)


class LiveVocabulary:
    """One process's texts; share one per event loop, and `close` it before the database and the reader.

    `version` rises whenever the texts became others, so that what was made of the ones before can be dropped.
    """

    def __init__(self, database: Database, reader: SuggestionReader) -> None:
        self._database = database
        self._reader = reader
        self._learned = EMPTY
        self._names = Names()
        self._names_until = 0.0
        self._fresh_until = 0.0
        self._reading: asyncio.Task[None] | None = None
        self._vocabulary = NO_VOCABULARY
        self.version = 0

    async def current(self) -> Vocabulary:
        """Give what there is; the first call waits for it up to a quarter of a second. Never raises."""
        if monotonic() >= self._fresh_until and (self._reading is None or self._reading.done()):
            self._fresh_until = monotonic() + FRESH_S
            self._reading = asyncio.get_running_loop().create_task(self._read())
        if not self.version and self._reading is not None:
            await asyncio.wait({self._reading}, timeout=FIRST_WAIT_S)
        return self._vocabulary

    def forget(self) -> None:
        """Have the next request read everything again."""
        self._fresh_until = self._names_until = 0.0

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _read(self) -> None:
        before = (self._learned, self._names)
        try:
            await self._read_learned()
        except Exception as error:  # noqa: BLE001 - a suggestion is worth more than its newest text
            log.warning("completions cannot be read; the last ones stay", error=str(error)[:500])
        try:
            await self._read_names()
        except Exception as error:  # noqa: BLE001 - likewise
            log.warning("brands and categories cannot be read; the last ones stay", error=str(error)[:500])
        if (self._learned, self._names) != before:
            self._vocabulary = await asyncio.to_thread(vocabulary_of, self._learned.texts, self._names)
        if (self._learned, self._names) != before or not self.version:
            self.version += 1

    async def _read_learned(self) -> None:
        if await read_completions_version(self._database) != self._learned.version:
            self._learned = await read_completions(self._database)

    async def _read_names(self) -> None:
        if monotonic() >= self._names_until:
            self._names = await self._reader.names()
            self._names_until = monotonic() + NAMES_FRESH_S
