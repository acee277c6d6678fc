"""Keeps pages of searches for seconds, in the process that answered them; the search handler asks.

A page goes as soon as its version is another one: the synonyms and rules in effect, and the state of the index. So it
never hides a change longer than that takes to be noticed. Why in the process and not in Redis:
docs/decisions/0016-merchandising-gate-and-search-cache.md.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Generic, NamedTuple, Protocol, TypeVar

from api.shared_work import SharedWork

LONGEST_KEY = 2_000
"""Characters; longer queries hardly come twice."""

MOST_BYTES = 32 * 1024 * 1024


class Sized(Protocol):
    """A page that knows how many bytes it takes."""

    @property
    def size(self) -> int:
        """Bytes, about."""
        ...


Page = TypeVar("Page", bound=Sized)


class _Kept(NamedTuple, Generic[Page]):
    page: Page
    version: object
    until: float


class SearchCache(Generic[Page]):
    """Pages by key, the least recently used given up first; `keep_s` of 0 keeps nothing."""

    def __init__(self, keep_s: float, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = monotonic) -> None:
        self._keep_s = keep_s
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[str, _Kept[Page]] = OrderedDict()
        self._bytes = 0
        self._work: SharedWork[str, Page] = SharedWork()

    def find(self, key: str, version: object) -> Page | None:
        """Give the page kept under that key in that very version; one of another version is dropped."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.version != version or self._clock() >= kept.until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.page

    def keep(self, key: str, version: object, page: Page) -> None:
        """Keep a page for so many seconds from now."""
        self._drop(key)
        if self._keep_s and len(key) <= LONGEST_KEY and page.size <= self._most_bytes:
            self._kept[key] = _Kept(page, version, self._clock() + self._keep_s)
            self._bytes += page.size
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def replace(self, key: str, page: Page) -> None:
        """Put a newer rendering in place of a page that is still kept; its time goes on."""
        kept = self._kept.get(key)
        if kept is not None:
            self._bytes += page.size - kept.page.size
            self._kept[key] = kept._replace(page=page)

    def once(self, key: str, make: Callable[[], Coroutine[None, None, Page]]) -> asyncio.Task[Page]:
        """Give the running making of that page, or start it: those who want one page at one moment share the work."""
        return self._work.once(key, make)

    async def close(self) -> None:
        """Give up what is running."""
        await self._work.close()

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.page.size
