"""Asks Elasticsearch and gives back plain answers; `api` holds one reader per process. The I/O of the asking side.

Every method raises the errors of search_indexer.errors (unavailable, too slow, refused), never the client's own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, cast

import msgspec

from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import READ_TIMEOUT_S, open_reading_client
from search_indexer.errors import IndexGone, SearchUnavailable
from search_indexer.index_names import IndexNames
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.climb import Ask
from search_indexer.query.cursor import LIFETIME, Cursor, CursorRefused
from search_indexer.query.deep_paging import Moments, Walk
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising
from search_indexer.query.nearest import Meaning
from search_indexer.query.pages import answer_from_ladder, ladder_of
from search_indexer.query.query_builder import Body
from search_indexer.query.requests import SearchRequest
from search_indexer.query.shown_products import ShownProducts
from search_indexer.translated_errors import check_part, translated_errors

POLL_S = 0.025
NO_HEADER = b"{}"
encode = msgspec.json.Encoder().encode


class IndexState(NamedTuple):
    """Which documents searches see: the index, its highest sequence number, and the newest change in milliseconds."""

    name: str
    seq_no: float
    newest_ms: float | None


class SearchReader:
    """Keeps up to 32 connections open; make one per process and event loop, and `close` it at the end.

    Each request ends within `timeout_s`; a shard gives up a little before the client does, so that no work goes on
    for a shopper who was told it failed. `index` names another index than the live one, for the gate of a rebuild.
    Without a `meaning` every search goes by words alone.
    """

    def __init__(
        self,
        settings: SearchSettings,
        timeout_s: float = READ_TIMEOUT_S,
        index: str | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        self._client = open_reading_client(settings, timeout_s)
        self._shard_timeout = f"{int(timeout_s * 900)}ms"
        self._index = index or IndexNames(settings.index_prefix).reads
        self._meaning = meaning
        self._ask: Ask = self._ask_live
        self._products = ShownProducts()
        self._has_groups = False
        self._moments = Moments(self._client, self._index)

    @property
    def meaning(self) -> Meaning | None:
        """What gives texts their vectors, for explanations; None where searches go by words alone."""
        return self._meaning

    async def search(
        self,
        request: SearchRequest,
        merchandising: Merchandising = NO_MERCHANDISING,
        now: datetime | None = None,
    ) -> SearchAnswer:
        """Answer one search from the first rung of the ladder that matches anything; at most five round trips.

        Rules hold in their windows at `now`, which is the present unless given. Collapsing costs a fifth more, so
        nothing is collapsed until a search has found a product with a group; that one is asked twice.
        """
        if request.page == 1:
            self._moments.open_ahead()
        asked = request if self._has_groups else msgspec.structs.replace(request, collapse=False)
        answer = await answer_from_ladder(self._ask, asked, merchandising, now, self._meaning)
        if asked.collapse is request.collapse or not answer.has_groups:
            return answer
        self._has_groups = True
        return await answer_from_ladder(self._ask, request, merchandising, now, self._meaning)

    async def cursor_after(self, request: SearchRequest, answer: SearchAnswer, now: datetime) -> Cursor | None:
        """Give the cursor that goes on after page one, in a point in time; None when that was all."""
        if request.page > 1 or answer.count <= len(answer.hits):
            return None
        with translated_errors():
            moment = await self._moments.latest()
        return Cursor(
            moment=moment,
            after=None,
            first_page=[hit.id for hit in answer.hits],
            count=answer.count,
            at=now,
            expires=now + LIFETIME,
            answered_by=answer.answered_by,
            place=answer.place,
            head=answer.head,
            named=request.page_size,
        )

    async def go_on(
        self, request: SearchRequest, cursor: Cursor, merchandising: Merchandising = NO_MERCHANDISING
    ) -> tuple[SearchAnswer, Cursor | None]:
        """Answer the page after the cursor with page one's count, and give the cursor after that; None at the end.

        Raises CursorRefused when the point in time is gone or the ranking is another one by now.
        """
        ladder = ladder_of(request, merchandising, cursor.at, self._meaning)
        walk = Walk(self._ask_moment, request, ladder.at(cursor.place), cursor)
        try:
            answer, further = await walk.page()
        except IndexGone as error:
            raise CursorRefused from error
        return msgspec.structs.replace(answer, redirect=ladder.applied.redirect), further

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

    async def newest_change(self) -> datetime | None:
        """Give when the newest change that searches find was made, cut to milliseconds; None in an empty index."""
        body: Body = {"size": 0, "track_total_hits": False, "aggs": {"newest": {"max": {"field": "updated_at"}}}}
        [answered] = await self._ask([body])
        newest = answered["aggregations"]["newest"]["value"]
        return None if newest is None else datetime.fromtimestamp(newest / 1000, UTC)

    async def state(self) -> IndexState:
        """Give the state of the index that searches see now; raises SearchUnavailable for an empty one."""
        newest = {"seq_no": {"max": {"field": "_seq_no"}}, "change": {"max": {"field": "updated_at"}}}
        [answered] = await self._ask([{"size": 1, "_source": False, "track_total_hits": False, "aggs": newest}])
        found = answered["aggregations"]
        for hit in answered["hits"]["hits"]:
            return IndexState(hit["_index"], found["seq_no"]["value"], found["change"]["value"])
        raise SearchUnavailable("the index is empty")

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        """Send bodies to the live index in one multi-search, for explanations and suggestions; answers keep order."""
        return await self._ask_live(bodies)

    async def ping(self) -> None:
        """Return when Elasticsearch answers and the products' alias exists; raises SearchUnavailable otherwise."""
        with translated_errors():
            found = await self._client.indices.exists_alias(name=self._index)
        if not found:
            raise SearchUnavailable(f"there is no index yet: {self._index}")

    async def close(self) -> None:
        """Close every connection."""
        await self._moments.close()
        await self._client.close()

    async def _ask_moment(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        """Ask bodies that name a point in time, which knows its index."""
        return await self._products.ask(partial(self._multi_search, index=None), bodies)

    async def _ask_live(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        return await self._products.ask(partial(self._multi_search, index=self._index), bodies)

    async def _multi_search(self, bodies: Sequence[Body], index: str | None) -> list[Mapping[str, Any]]:
        lines: list[bytes] = []
        for body in bodies:
            lines += [NO_HEADER, encode({**body, "timeout": self._shard_timeout})]
        with translated_errors():
            answered = await self._client.msearch(
                index=index,
                searches=cast("Any", lines),  # the client would encode them with its slow encoder
            )
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
