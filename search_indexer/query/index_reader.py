"""Asks Elasticsearch and gives back plain answers; `api` holds one reader per process. The I/O of the asking side.

Every method raises the errors of search_indexer.errors (unavailable, too slow, refused), never the client's own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from schemas.settings import SearchSettings
from search_indexer.elasticsearch_client import READ_TIMEOUT_S, open_reading_client
from search_indexer.errors import SearchUnavailable
from search_indexer.index_names import IndexNames
from search_indexer.query.answers import SearchAnswer, SuggestAnswer
from search_indexer.query.climb import Ask, answer_from_ladder
from search_indexer.query.query_builder import Body
from search_indexer.query.requests import SearchRequest, SuggestRequest
from search_indexer.query.suggestions import SHORTEST_MISSPELT, read_suggestions, suggest_body
from search_indexer.query.typed_text import readable
from search_indexer.translated_errors import check_part, translated_errors

POLL_S = 0.025


class SearchReader:
    """Keeps up to 32 connections open; make one per process and event loop, and `close` it at the end.

    Each request ends within `timeout_s`; a shard gives up a little before the client does, so that no work goes on
    for a shopper who was told it failed.
    """

    def __init__(self, settings: SearchSettings, timeout_s: float = READ_TIMEOUT_S) -> None:
        self._client = open_reading_client(settings, timeout_s)
        self._shard_timeout = f"{int(timeout_s * 900)}ms"
        self._index = IndexNames(settings.index_prefix).reads
        self._ask: Ask = self._multi_search

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer one search from the first rung of the ladder that matches anything; at most two round trips."""
        return await answer_from_ladder(self._ask, request)

    async def suggest(self, request: SuggestRequest) -> SuggestAnswer:
        """Complete what is being typed; spelling is forgiven from three characters on, when nothing is spelt so."""
        text = readable(request.q)
        if not text:
            return SuggestAnswer(suggestions=[], products=[], categories=[])
        [found] = await self._ask([suggest_body(request, text, misspelt=False)])
        misspelt = not found["hits"]["hits"] and len(text) >= SHORTEST_MISSPELT
        if misspelt:
            [found] = await self._ask([suggest_body(request, text, misspelt=True)])
        return read_suggestions(request, text, found, misspelt=misspelt)

    async def wait_until_visible(self, versions: Mapping[int, int], timeout_s: float = 2.0) -> bool:
        """Wait until searches see each product (id to version) at least at that version; False when time is up."""
        deadline = monotonic() + timeout_s
        awaited = dict(versions)
        while True:
            seen = await self._visible_versions(awaited)
            awaited = {each: version for each, version in awaited.items() if seen.get(each, 0) < version}
            if not awaited:
                return True
            if monotonic() + POLL_S > deadline:
                return False
            await asyncio.sleep(POLL_S)

    async def ping(self) -> None:
        """Return when Elasticsearch answers and the products' alias exists; raises SearchUnavailable otherwise."""
        with translated_errors():
            found = await self._client.indices.exists_alias(name=self._index)
        if not found:
            raise SearchUnavailable(f"there is no index yet: {self._index}")

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    async def _multi_search(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        lines: list[Mapping[str, Any]] = []
        for body in bodies:
            lines += [{}, {**body, "timeout": self._shard_timeout}]
        with translated_errors():
            answered = await self._client.msearch(index=self._index, searches=lines)
        parts: list[Mapping[str, Any]] = answered["responses"]
        for part in parts:
            check_part(part)
        return parts

    async def _visible_versions(self, ids: Mapping[int, int]) -> dict[int, int]:
        """Read the versions that searches see now: a realtime read would find what no search finds yet."""
        if not ids:
            return {}
        with translated_errors():
            got = await self._client.mget(
                index=self._index, ids=[str(each) for each in ids], realtime=False, source=False
            )
        return {int(doc["_id"]): int(doc["_version"]) for doc in got["docs"] if doc.get("found")}
