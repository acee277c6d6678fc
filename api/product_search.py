"""Answers one product search: from the index, from where a cursor stands, or from Postgres; called by the handler.

While Elasticsearch does not answer, a breaker keeps searches away from it, so that they do not each wait for its
time-out; one a second tries, and the first that succeeds brings everybody back.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from msgspec import UNSET, UnsetType

from api.dependencies import Dependencies
from order_service.errors import FieldFault, InvalidInput
from search_indexer.errors import SearchTimeout, SearchUnavailable
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.cursor import Cursor, CursorRefused
from search_indexer.query.requests import SearchRequest

log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """An answer with the cursor that goes on after it: None at the end, UNSET where there is none to give."""

    answer: SearchAnswer
    next_cursor: str | None | UnsetType
    degraded: bool = False


async def search_products(dependencies: Dependencies, wanted: SearchRequest) -> Found:
    """Search; raises InvalidInput naming `cursor` for one that is not good for this search.

    A walk by cursor cannot go on in Postgres: it raises SearchUnavailable or SearchTimeout meanwhile.
    """
    if wanted.cursor is not None:
        return await _go_on(dependencies, wanted, wanted.cursor)
    breaker = dependencies.search_breaker
    if breaker.allows():
        try:
            found = await _search(dependencies, wanted)
        except SearchTimeout:
            breaker.was_slow()
            log.warning("search_falls_back", reason="time-out")
        except SearchUnavailable as error:
            breaker.failed()
            log.warning("search_falls_back", reason=error.reason)
        else:
            breaker.succeeded()
            return found
    return Found(await dependencies.fallback.search(wanted), UNSET, degraded=True)


async def _search(dependencies: Dependencies, wanted: SearchRequest) -> Found:
    now = datetime.now(UTC)
    answer = await dependencies.search.search(wanted, await dependencies.merchandising.current(), now)
    if wanted.page > 1:
        return Found(answer, UNSET)
    try:
        following = await dependencies.search.cursor_after(wanted, answer, now)
    except (SearchUnavailable, SearchTimeout) as error:  # a good answer without a way on beats another one
        log.warning("no_cursor", reason=str(error))
        return Found(answer, UNSET)
    return Found(answer, _sealed(dependencies, following, wanted))


async def _go_on(dependencies: Dependencies, wanted: SearchRequest, text: str) -> Found:
    if dependencies.search_breaker.is_open:
        raise SearchUnavailable("searches stay away from Elasticsearch")
    try:
        cursor = dependencies.cursors.open(text, wanted, datetime.now(UTC))
        answer, following = await dependencies.search.go_on(wanted, cursor, await dependencies.merchandising.current())
    except CursorRefused as error:
        fault = FieldFault("cursor", "is not one that this search answered with, or expired: start again without it")
        raise InvalidInput([fault]) from error
    return Found(answer, _sealed(dependencies, following, wanted))


def _sealed(dependencies: Dependencies, cursor: Cursor | None, wanted: SearchRequest) -> str | None:
    return None if cursor is None else dependencies.cursors.close(cursor, wanted)
