"""What can go wrong on the asking side of search, as classes that carry fields; `api.problems` gives each a status.

SearchError
├── SearchUnavailable   Elasticsearch is away, starting, overloaded, or has no index yet; worth trying again
├── SearchTimeout       it did not answer within the reader's bound; worth trying again
└── SearchRefused       it refused the request itself (a page beyond the window, or a fault of ours)
"""

from dataclasses import dataclass


class SearchError(Exception):
    """Any failure that the search reader raises on purpose."""


@dataclass
class SearchUnavailable(SearchError):
    """Elasticsearch cannot serve this now; `retry_after` is in seconds."""

    reason: str = "search is unavailable"
    retry_after: int = 1

    def __str__(self) -> str:
        """Give the reason, for logs."""
        return self.reason


@dataclass
class SearchTimeout(SearchError):
    """No complete answer came within the bound; partial answers are never passed on. `retry_after` is in seconds."""

    retry_after: int = 1

    def __str__(self) -> str:
        """Say it in words, for logs."""
        return "search did not answer in time"


@dataclass
class SearchRefused(SearchError):
    """Elasticsearch calls the request itself wrong; trying again will not help."""

    reason: str

    def __str__(self) -> str:
        """Give the reason, for logs."""
        return self.reason
