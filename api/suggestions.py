"""Answers what is being typed: from a cache of the last seconds, else from memory and Elasticsearch together.

Many type the same beginnings, so an answer is kept for a moment and one question that is on its way answers everybody
who asks it meanwhile. Kept are the bytes of the body, so that a repeated answer costs no rendering.
"""

import asyncio
from collections import OrderedDict
from functools import partial
from time import monotonic
from typing import Literal, NamedTuple

import msgspec

from api.rendering.search import suggest_body
from api.shared_work import SharedWork
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.query.suggestions import put_together
from search_indexer.query.typed_text import readable
from search_indexer.relevance.live_vocabulary import LiveVocabulary

FRESH_S = 30.0
"""How old the title, price or stock behind a suggestion may be."""

MOST_KEPT = 5_000
"""Answers of some 3 kB; those asked for longest ago go first."""

Source = Literal["hit", "miss"]
Key = tuple[str, int | None, int]


class Kept(NamedTuple):
    """One answer's body, good until then, made of that version of the vocabulary."""

    body: bytes
    until: float
    version: int


class Suggestions:
    """One process's suggestions; share one per event loop, and `close` it before what the reader asks."""

    def __init__(self, reader: SuggestionReader, vocabulary: LiveVocabulary) -> None:
        self._reader = reader
        self._vocabulary = vocabulary
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._work: SharedWork[Key, bytes] = SharedWork()

    async def answer(self, request: SuggestRequest) -> tuple[bytes, Source]:
        """Give the JSON body and whether it was there already; raises what the reader raises."""
        key = (readable(request.q).casefold(), request.store_id, request.limit)
        kept = self._kept.get(key)
        if kept is not None and monotonic() < kept.until and kept.version == self._vocabulary.version:
            self._kept.move_to_end(key)
            return kept.body, "hit"
        return await asyncio.shield(self._work.once(key, partial(self._find, key, request))), "miss"

    async def close(self) -> None:
        """Give up what is on its way."""
        await self._work.close()
        await self._reader.close()

    async def _find(self, key: Key, request: SuggestRequest) -> bytes:
        vocabulary = await self._vocabulary.current()
        version = self._vocabulary.version
        found = await self._reader.products(request)
        body = msgspec.json.encode(suggest_body(put_together(request, found, vocabulary)))
        self._keep(key, Kept(body, monotonic() + FRESH_S, version))
        return body

    def _keep(self, key: Key, kept: Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
