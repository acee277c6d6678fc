"""One page that a search answers with, encoded; `search_pages` makes it, `search_cache` keeps it.

A page is encoded once and sent many times: only the query's id, its first member, differs.
"""

from dataclasses import dataclass
from time import monotonic

from msgspec import UnsetType

from search_indexer.query.answers import SearchAnswer
from search_indexer.query.requests import SearchRequest

OLDEST_QUANTITIES_S = 1.0
RENEWED_AFTER_S = 0.5
"""Age from which quantities are read again beside the requests, so that none waits while there are many."""

HEAD = b'{"query_id":"'


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was asked and found, and what the body was made of.

    `is_fallback` says that Postgres answered, `is_degraded` that something is missing; `read_at` is when the quantities
    were read (monotonic), `tail` the body after the query's id.
    """

    wanted: SearchRequest
    answer: SearchAnswer
    next_cursor: str | None | UnsetType
    labels: dict[str, str] | None
    is_stale: bool
    is_fallback: bool
    is_degraded: bool
    read_at: float
    tail: bytes = b""

    @property
    def size(self) -> int:
        """Bytes, about: the body, and the answer that it was made of, which is as long."""
        return 2 * len(self.tail)

    @property
    def has_old_quantities(self) -> bool:
        """Whether the quantities must be read again before the page is sent."""
        return monotonic() > self.read_at + OLDEST_QUANTITIES_S

    @property
    def has_ageing_quantities(self) -> bool:
        """Whether the quantities will be old soon."""
        return monotonic() > self.read_at + RENEWED_AFTER_S

    def body(self, query_id: str) -> bytes:
        """Give the whole body."""
        return HEAD + query_id.encode() + self.tail
