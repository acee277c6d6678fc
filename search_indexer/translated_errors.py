"""Turns the Elasticsearch client's errors into those of `search_indexer.errors`; for the reader and the rebuild."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, ConnectionTimeout, TransportError

from search_indexer.errors import IndexGone, SearchError, SearchRefused, SearchTimeout, SearchUnavailable

NO_INDEX = 404
PASSING = frozenset({429, 502, 503, 504})


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise SearchTimeout, SearchUnavailable or SearchRefused in place of the client's own errors."""
    try:
        yield
    except ConnectionTimeout as error:
        raise SearchTimeout from error
    except TransportError as error:
        raise SearchUnavailable(f"Elasticsearch is away: {error.message}") from error
    except ApiError as error:
        raise failure(error.status_code, error.body) from error


def check_part(part: Mapping[str, Any]) -> None:
    """Raise when one answer of a multi-search is an error or incomplete: half a count is a wrong count."""
    if "error" in part:
        raise failure(int(part.get("status", 500)), part)
    if part.get("timed_out"):
        raise SearchTimeout
    failed = part["_shards"]["failed"]
    if failed:
        raise SearchUnavailable(f"{failed} shards did not answer")


def failure(status: int, body: Any) -> SearchError:
    """Choose the error for a status of Elasticsearch's and say its reason."""
    reason = _reason(body)
    if status == NO_INDEX:
        return IndexGone(f"there is no index yet: {reason}")
    if status in PASSING or status >= 500:  # noqa: PLR2004 - HTTP's border between the two parties' faults
        return SearchUnavailable(f"Elasticsearch answered {status}: {reason}")
    return SearchRefused(f"Elasticsearch answered {status}: {reason}")


def _reason(body: Any) -> str:
    error = body.get("error") if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return str(error)[:500]
    causes = error.get("root_cause") or [error]
    return f"{error.get('type')}: {causes[0].get('reason')}"[:500]
