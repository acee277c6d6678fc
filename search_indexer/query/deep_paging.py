"""Walks through all hits of a search in one point in time; used by the index reader.

Page one is asked for on the live index like any search, and a point in time is opened beside it: one is shared by all
searches of a fifth of a second, so that those which nobody walks through cost next to nothing. What changed in that
fifth of a second can move a product across the end of page one. Therefore page two starts at the top of the
point in time without page one's products, and no product comes twice or is left out. The head of a fused ranking was
made with page one and stays as it was then.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from time import monotonic

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from search_indexer.query.answer_reading import Response, named_hits, read_hit
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.climb import Ask
from search_indexer.query.completed_answer import completed
from search_indexer.query.cursor import LIFETIME, SEAL_BYTES, Cursor, CursorRefused
from search_indexer.query.facets import read_facets
from search_indexer.query.filters import Clause
from search_indexer.query.group_walk import walked
from search_indexer.query.ladder import Rung
from search_indexer.query.query_builder import Body, named_body, search_body, without
from search_indexer.query.requests import SearchRequest
from search_indexer.query.second_count import second_count

SHARED_S = 0.2
KEEP_ALIVE = f"{int(LIFETIME.total_seconds()) + 10}s"


class Moments:
    """Opens points in time and shares each for SHARED_S; Elasticsearch closes them LIFETIME after their last use."""

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._client = client
        self._index = index
        self._opened_at = float("-inf")
        self._opening: asyncio.Task[str] | None = None

    def open_ahead(self) -> asyncio.Task[str]:
        """Begin to open a point in time unless one is SHARED_S old at most, while page one is asked for; never raises.

        Page one may be newer or older than the point in time: page two leaves out what page one showed either way.
        """
        if self._opening is None or monotonic() > self._opened_at + SHARED_S:
            self._opened_at = monotonic()
            self._opening = asyncio.get_running_loop().create_task(self._open())
            self._opening.add_done_callback(_seen)
        return self._opening

    async def latest(self) -> str:
        """Give the id of a point in time that is at most SHARED_S old; raises the client's errors."""
        try:
            return await asyncio.shield(self.open_ahead())
        except (ApiError, TransportError):
            self._opening = None  # the next search tries again
            raise

    async def close(self) -> None:
        """Give up what is being opened."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})

    async def _open(self) -> str:
        opened = await self._client.open_point_in_time(index=self._index, keep_alive=KEEP_ALIVE)
        return str(opened["id"])


def _seen(opening: asyncio.Task[str]) -> None:
    """Take note of a failure that nobody may wait for."""
    if not opening.cancelled():
        opening.exception()


class Walk:
    """Answers the page after a cursor, in its point in time.

    The rung is the one that page one was found on, so a page costs one request. Products of the head of a fused ranking
    come by name and in its order, and all others after them by words.
    """

    def __init__(self, ask: Ask, request: SearchRequest, rung: Rung, cursor: Cursor) -> None:
        self._ask = ask
        self._request = request
        self._rung = rung
        self._cursor = cursor
        self._named = cursor.head[cursor.named : cursor.named + request.page_size]
        self._passed = list(dict.fromkeys([*cursor.first_page, *cursor.head]))
        self._wanted = request.page_size - len(self._named)

    async def page(self) -> tuple[SearchAnswer, Cursor | None]:
        """Give the page with page one's count, and the cursor after it; None at the end. Raises CursorRefused.

        It is refused when rules or synonyms changed the query since the page before: the ranking is another one.
        """
        digest = blake2b(msgspec.json.encode(self._rung.query, order="sorted"), digest_size=SEAL_BYTES).digest()
        if self._cursor.query_digest not in {None, digest}:
            raise CursorRefused
        named = [named_body(self._request, self._rung, self._named)] if self._named else []
        following = [self._following()] if self._wanted or self._request.facets else []
        parts = await walked(self._ask_moment, [*named, *following], self._passed)
        hits = named_hits(self._named, parts.pop(0)) if named else []
        rest = parts[0] if parts else None
        found, counted = (rest["hits"]["hits"][: self._wanted], rest.get("aggregations", {})) if rest else ([], {})
        answer = SearchAnswer(
            count=self._cursor.count,
            hits=[*hits, *map(read_hit, found)],
            facets=read_facets(self._request, counted),
            answered_by=self._cursor.answered_by,
            did_you_mean=self._cursor.place.meant,
            place=self._cursor.place,
        )
        second = second_count(self._request, counted, answer.facets)
        whole = await completed(self._ask_moment, self._request, self._rung, answer, second)
        return whole, self._further(rest, found, digest)

    def _following(self) -> Body:
        """Ask for the rest of the page and one product more, which tells whether there is more; and for the facets."""
        after = {"search_after": self._cursor.after} if self._cursor.after else {}
        body = search_body(self._request, self._rung)
        rest = {name: value for name, value in body.items() if name != "from"}
        passed: Clause = {"terms": {"id": self._passed}}
        return {**without(rest, passed), **after, "size": self._wanted + 1 if self._wanted else 0}

    def _further(self, rest: Response | None, found: Sequence[Response], digest: bytes) -> Cursor | None:
        cursor = self._cursor
        named = cursor.named + len(self._named)
        goes_on = named < len(cursor.head) or cursor.count > len(self._passed)
        if self._wanted and rest:
            goes_on = len(rest["hits"]["hits"]) > self._wanted
        if not goes_on:
            return None
        return msgspec.structs.replace(
            cursor,
            after=found[-1]["sort"] if found else cursor.after,
            named=named,
            query_digest=digest,
            expires=datetime.now(UTC) + LIFETIME,
        )

    async def _ask_moment(self, bodies: Sequence[Body]) -> list[Response]:
        moment = {"id": self._cursor.moment, "keep_alive": KEEP_ALIVE}
        return list(await self._ask([{**body, "pit": moment} for body in bodies]))
