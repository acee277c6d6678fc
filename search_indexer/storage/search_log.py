"""The rows of the search log and of the clicks: written in batches, read as reports, pruned by age."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import exc, text

from order_service.database.engine import Database, translated_errors

ReportName = Literal["top", "zero_results", "no_clicks", "clicked"]

PRUNED_AT_ONCE = 5_000
"""Rows of one pruning statement: about 20 ms of work, so that it never holds anything up."""

INSERT_SEARCHES = text("""
INSERT INTO search_log (query_id, query, first_page, results, answered_by, degraded, filters, searched_at,
    searcher)
SELECT query_id, query, first_page, results, answered_by, degraded, CAST(filters AS jsonb), searched_at, searcher
FROM unnest(
    CAST(:query_id AS uuid[]), CAST(:query AS text[]), CAST(:first_page AS boolean[]), CAST(:results AS bigint[]),
    CAST(:answered_by AS text[]), CAST(:degraded AS boolean[]), CAST(:filters AS text[]),
    CAST(:searched_at AS timestamptz[]), CAST(:searcher AS bytea[])
) AS logged (query_id, query, first_page, results, answered_by, degraded, filters, searched_at, searcher)
ON CONFLICT (query_id) DO NOTHING
""")

INSERT_CLICKS = text("""
INSERT INTO search_clicks (query_id, product_id, position, clicked_at)
SELECT * FROM unnest(
    CAST(:query_id AS uuid[]), CAST(:product_id AS bigint[]), CAST(:position AS integer[]),
    CAST(:clicked_at AS timestamptz[])
)
ON CONFLICT (query_id, product_id) DO NOTHING
""")

PRUNE_SEARCHES = text("""
DELETE FROM search_log WHERE query_id IN (
    SELECT query_id FROM search_log WHERE searched_at < now() - make_interval(days => :days)
    ORDER BY searched_at LIMIT :most FOR UPDATE SKIP LOCKED
)
""")

PRUNE_CLICKS = text("""
DELETE FROM search_clicks WHERE (query_id, product_id) IN (
    SELECT query_id, product_id FROM search_clicks WHERE clicked_at < now() - make_interval(days => :days)
    ORDER BY clicked_at LIMIT :most FOR UPDATE SKIP LOCKED
)
""")

GROUPED = """
WITH clicked AS (
    SELECT query_id, count(*) AS clicks FROM search_clicks
    WHERE clicked_at >= now() - make_interval(days => :days) GROUP BY query_id
), grouped AS (
    SELECT query, count(*) FILTER (WHERE first_page) AS searches,
           count(*) FILTER (WHERE first_page AND results = 0 AND NOT degraded) AS zero_results,
           count(*) FILTER (WHERE first_page AND results = 0 AND NOT degraded AND answered_by <> 'none'
                            AND filters - 'store_id' <> '{}') AS filtered_out,
           CAST(coalesce(sum(clicks), 0) AS bigint) AS clicks, max(searched_at) AS last_searched_at
    FROM search_log LEFT JOIN clicked USING (query_id)
    WHERE searched_at >= now() - make_interval(days => :days) AND query <> ''
    GROUP BY query
)
"""
PAGE = """
SELECT *, count(*) OVER () AS total FROM grouped WHERE {which}
ORDER BY {first} DESC, query LIMIT :most OFFSET :start
"""
COUNT = "SELECT count(*) FROM grouped WHERE {which}"

WHICH: dict[ReportName, dict[str, str]] = {
    "top": {"which": "searches > 0", "first": "searches"},
    "zero_results": {"which": "zero_results > 0", "first": "zero_results"},
    "no_clicks": {"which": "clicks = 0 AND searches > zero_results", "first": "searches"},
    "clicked": {"which": "clicks > 0", "first": "clicks"},
}
READ_PAGE = {name: text(GROUPED + PAGE.format(**parts)) for name, parts in WHICH.items()}
READ_COUNT = {name: text(GROUPED + COUNT.format(**parts)) for name, parts in WHICH.items()}

READ_EMPTYING = text("""
SELECT query, array_agg(name ORDER BY times DESC, name) AS names
FROM (
    SELECT query, name, count(*) AS times
    FROM search_log, jsonb_object_keys(filters) AS name
    WHERE query = ANY(CAST(:queries AS text[])) AND searched_at >= now() - make_interval(days => :days)
      AND first_page AND results = 0 AND NOT degraded AND answered_by <> 'none' AND name <> 'store_id'
    GROUP BY query, name
) AS counted
GROUP BY query
""")


READ_EMPTYING_CHOICE = text("""
SELECT DISTINCT ON (query) query, CAST(filters AS text) AS filters
FROM search_log
WHERE query = ANY(CAST(:queries AS text[])) AND searched_at >= now() - make_interval(days => :days)
  AND first_page AND results = 0 AND NOT degraded AND answered_by <> 'none' AND filters - 'store_id' <> '{}'
GROUP BY query, filters ORDER BY query, count(*) DESC, max(searched_at) DESC
""")


class RowsRefused(Exception):
    """Postgres will not have these rows, now or later."""


class LoggedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """One search as it is kept; `filters` is JSON, `results` the exact total that was answered.

    `searcher` is a digest that tells the searchers of one day apart and nothing else.
    """

    query_id: UUID
    query: str
    first_page: bool
    results: int
    answered_by: str
    degraded: bool
    filters: str
    searched_at: datetime
    searcher: bytes | None = None


class LoggedClick(msgspec.Struct, frozen=True, kw_only=True):
    """One click on a search's hit; `position` counts from 1 over all pages."""

    query_id: UUID
    product_id: int
    position: int
    clicked_at: datetime


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One query's numbers over the days asked for; `filtered_out` are those of `zero_results` that filters emptied."""

    query: str
    searches: int
    zero_results: int
    filtered_out: int
    clicks: int
    last_searched_at: datetime


async def insert_log(database: Database, searches: Sequence[LoggedSearch], clicks: Sequence[LoggedClick]) -> None:
    """Write both batches in one transaction; rows that are there already stay. Raises RowsRefused and Unavailable."""
    try:
        async with translated_errors(), database.writes.begin() as connection:
            if searches:
                await connection.execute(INSERT_SEARCHES, _columns(LoggedSearch, searches))
            if clicks:
                await connection.execute(INSERT_CLICKS, _columns(LoggedClick, clicks))
    except exc.DBAPIError as error:  # what may pass has become Unavailable
        raise RowsRefused(str(error)) from error


async def prune_log(database: Database, days: int) -> int:
    """Delete what is older, at most 5,000 rows of each table; gives how many went. Raises Unavailable."""
    bounds = {"days": days, "most": PRUNED_AT_ONCE}
    async with translated_errors(), database.writes.begin() as connection:
        searches = await connection.execute(PRUNE_SEARCHES, bounds)
        clicks = await connection.execute(PRUNE_CLICKS, bounds)
        return int(searches.rowcount + clicks.rowcount)


async def read_queries(
    database: Database, name: ReportName, *, days: int, page: int, page_size: int
) -> tuple[list[QueryRow], int]:
    """Give one page of a report, most frequent first, and the number of all its queries. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        asked = {"days": days, "most": page_size, "start": (page - 1) * page_size}
        rows = [dict(row) for row in (await connection.execute(READ_PAGE[name], asked)).mappings()]
        totals = [row.pop("total") for row in rows]
        if not totals and page > 1:  # a page beyond the last has no row that could say it
            totals = [await connection.scalar(READ_COUNT[name], {"days": days})]
        return [QueryRow(**row) for row in rows], int(totals[0]) if totals else 0


async def read_emptying_filters(database: Database, queries: Sequence[str], days: int) -> dict[str, list[str]]:
    """Give for each query the filters in use when it found nothing, most frequent first. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        asked = {"queries": list(queries), "days": days}
        return {row.query: row.names for row in await connection.execute(READ_EMPTYING, asked)}


async def read_emptying_choices(database: Database, queries: Sequence[str], days: int) -> dict[str, dict[str, Any]]:
    """Give for each query the filters, with their values, that left nothing of it most often. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        asked = {"queries": list(queries), "days": days}
        rows = await connection.execute(READ_EMPTYING_CHOICE, asked)
        return {row.query: msgspec.json.decode(row.filters) for row in rows}


def _columns(kind: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in kind.__struct_fields__}
