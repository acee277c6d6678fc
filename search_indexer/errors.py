"""What can go wrong on the asking side of search, as classes that carry fields; `api.problems` gives each a status.

SearchError
├── SearchUnavailable   Elasticsearch is away, starting, overloaded, or has no index yet; worth trying again
│   └── IndexGone       what was named (an index, a point in time) is not there, or not any more
├── SearchTimeout       it did not answer within the reader's bound; worth trying again
├── SearchRefused       it refused the request itself (a page beyond the window, or a fault of ours)
└── StaleVersion        somebody else saved synonyms or rules meanwhile
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
class IndexGone(SearchUnavailable):
    """There is no such index or point in time."""


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


@dataclass
class StaleVersion(SearchError):
    """The change was made to version `given` of `kind`, and `current` is in effect."""

    kind: str
    given: int
    current: int

    def __str__(self) -> str:
        """Say it in words, for logs."""
        return f"version {self.current} of the {self.kind} is in effect, not {self.given}"
