"""Walks through all hits of a search in one point in time; used by the index reader.

Page one is asked for on the live index like any search, and only its answer opens a point in time: one is shared by
all answers of a fifth of a second, so that searches which nobody walks through cost next to nothing. What changed in
that fifth of a second can move a product across the end of page one. Therefore page two starts at the top of the
point in time without page one's products, and no product comes twice or is left out.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from time import monotonic
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from search_indexer.query.answer_reading import total_of
from search_indexer.query.climb import Ask
from search_indexer.query.cursor import LIFETIME, SEAL_BYTES, Cursor, CursorRefused
from search_indexer.query.query_builder import Body

SHARED_S = 0.2
KEEP_ALIVE = f"{int(LIFETIME.total_seconds()) + 10}s"


class Moments:
    """Opens points in time and shares each for SHARED_S; Elasticsearch closes them LIFETIME after their last use."""

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._client = client
        self._index = index
        self._opened_at = float("-inf")
        self._latest = ""
        self._turn = asyncio.Lock()

    async def latest(self) -> str:
        """Give the id of a point in time that is at most SHARED_S old; raises the client's errors."""
        async with self._turn:
            if monotonic() > self._opened_at + SHARED_S:
                opened_at = monotonic()
                opened = await self._client.open_point_in_time(index=self._index, keep_alive=KEEP_ALIVE)
                self._latest, self._opened_at = str(opened["id"]), opened_at
            return self._latest


class Shown(msgspec.Struct, frozen=True):
    """One page on the way: its ids and the total, where it ended, whether there is more, and a digest of the query."""

    ids: list[int]
    count: int
    last: list[int | float | str | None]
    has_more: bool
    query_digest: bytes


class Walk:
    """Asks one page of a walk in place of an Ask; `shown` collects the pages of every rung that was asked."""

    def __init__(self, ask: Ask, cursor: Cursor) -> None:
        self._ask = ask
        self._cursor = cursor
        self._first_page = frozenset(cursor.first_page)
        self.shown: list[Shown] = []

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        """Ask the bodies in the point in time, and those that want a page for the page after the cursor."""
        answered = await self._ask([self._placed(body) for body in bodies])
        return [self._page(*each) if "from" in each[0] else each[1] for each in zip(bodies, answered, strict=True)]

    def goes_on(self, ids: Sequence[int], count: int) -> Cursor | None:
        """Give the cursor after the page with these ids, of so many hits; None at the end. Raises CursorRefused.

        Two rungs can show the same page while one goes on and the other does not: the total tells them apart.
        It is refused when rules or synonyms changed the query since the page before: the ranking is another one.
        """
        page = next((page for page in self.shown if (page.ids, page.count) == (list(ids), count)), None)
        if page is None or not page.has_more:
            return None
        if self._cursor.query_digest not in {None, page.query_digest}:
            raise CursorRefused
        return msgspec.structs.replace(
            self._cursor, after=page.last, query_digest=page.query_digest, expires=datetime.now(UTC) + LIFETIME
        )

    def _placed(self, body: Body) -> Body:
        """Move a body into the point in time, and a page's body to its place; variants are walked one by one."""
        moment = {"id": self._cursor.moment, "keep_alive": KEEP_ALIVE}
        if "from" not in body:
            return {**body, "pit": moment}
        rest = {name: value for name, value in body.items() if name not in {"from", "collapse"}}
        after = {"search_after": self._cursor.after} if self._cursor.after else {}
        return {**rest, **after, "pit": moment, "size": self._asked(body)}

    def _asked(self, body: Body) -> int:
        """One more than the page holds tells whether there is more; page two passes over page one's as well."""
        return int(body["size"]) + 1 + (0 if self._cursor.after else len(self._first_page))

    def _page(self, body: Body, part: Mapping[str, Any]) -> Mapping[str, Any]:
        found, size = part["hits"]["hits"], int(body["size"])
        left = [hit for hit in found if hit["_source"]["id"] not in self._first_page]
        page = left[:size]
        if found:
            digest = blake2b(msgspec.json.encode(body["query"], order="sorted"), digest_size=SEAL_BYTES).digest()
            last = page[-1] if len(left) > size else found[-1]
            has_more = len(left) > size or len(found) == self._asked(body)
            ids = [hit["_source"]["id"] for hit in page]
            self.shown.append(Shown(ids, total_of(part), last["sort"], has_more, digest))
        return {**part, "hits": {**part["hits"], "hits": page}}
