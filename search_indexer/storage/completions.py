"""What was searched for often enough to be offered, and every set of completions learned from that; two tables."""

from typing import NamedTuple

import msgspec
from sqlalchemy import exc, text

from order_service.database.engine import Database, translated_errors

KEPT_SETS = 3
"""Versions that stay, so that a process which asked for one a moment ago still finds it."""

FREQUENT = text("""
WITH searched AS (
    SELECT query, date_trunc('day', searched_at) AS day, searcher, query_id
    FROM search_log
    WHERE searched_at >= now() - make_interval(days => :days) AND first_page AND NOT degraded
      AND query <> '' AND length(query) <= :longest AND searcher IS NOT NULL
), daily AS (
    SELECT query, day, count(DISTINCT searcher) AS searchers,
           count(DISTINCT searcher) FILTER (WHERE query_id IN (SELECT query_id FROM search_clicks)) AS clickers
    FROM searched GROUP BY query, day
), frequent AS (
    SELECT query, sum((searchers + clickers) * power(0.5, extract(epoch FROM now() - day) / 86400 / :half_life_days))
               AS weight
    FROM daily GROUP BY query
    HAVING sum(searchers) >= :searchers AND count(*) >= :searcher_days AND max(searchers) >= :at_once
    ORDER BY weight DESC, query LIMIT :most
), newest AS (
    SELECT DISTINCT ON (query) query, answered_by, results
    FROM search_log JOIN frequent USING (query)
    WHERE searched_at >= now() - make_interval(days => :days) AND first_page AND NOT degraded
      AND filters - 'store_id' = '{}'
    ORDER BY query, searched_at DESC
)
SELECT query, answered_by, results FROM frequent JOIN newest USING (query) ORDER BY weight DESC, query
""")

NEWEST_VERSION = text("SELECT coalesce(max(version), 0) FROM completion_sets")
NEWEST = text("""
SELECT version, CAST(content AS text) AS content FROM completion_sets ORDER BY version DESC LIMIT 1
""")
INSERT = text("""
INSERT INTO completion_sets (version, content)
SELECT coalesce(max(version), 0) + 1, CAST(:content AS jsonb) FROM completion_sets
""")
FORGET = text("DELETE FROM completion_sets WHERE version <= (SELECT max(version) FROM completion_sets) - :kept")


class Threshold(NamedTuple):
    """From when on a query is frequent: distinct searchers in all, on how many days, and on one of them at once."""

    searchers: int
    searcher_days: int
    at_once: int


class Window(NamedTuple):
    """How far back searches count, and after how many days a search counts half."""

    days: int
    half_life_days: float


class FrequentQuery(NamedTuple):
    """A query that many searched for, and how its newest search without filters was answered."""

    query: str
    answered_by: str
    results: int


class CompletionSet(NamedTuple):
    """Completions, best first, under their version; version 0 is before anything was learned."""

    version: int
    texts: list[str]


async def read_frequent(
    database: Database, threshold: Threshold, window: Window, *, longest: int, most: int
) -> list[FrequentQuery]:
    """Give the frequent queries of at most `longest` characters, those with the most people of late first.

    Heads are counted within a day, since nobody can be told on the next one. Raises Unavailable.
    """
    asked = {"longest": longest, "most": most, **window._asdict(), **threshold._asdict()}
    async with translated_errors(), database.reads.connect() as connection:
        rows = await connection.execute(FREQUENT, asked)
        return [FrequentQuery(*row) for row in rows]


async def read_completions_version(database: Database) -> int:
    """Give the newest version; raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        return int(await connection.scalar(NEWEST_VERSION) or 0)


async def read_completions(database: Database) -> CompletionSet:
    """Give the newest set; raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(NEWEST)).one_or_none()
        return CompletionSet(row.version, msgspec.json.decode(row.content, type=list[str])) if row else EMPTY


async def save_completions(database: Database, texts: list[str]) -> None:
    """Save the next version and forget old ones; of two writers at once one stays. Raises Unavailable."""
    try:
        async with translated_errors(), database.writes.begin() as connection:
            await connection.execute(INSERT, {"content": msgspec.json.encode(texts).decode()})
            await connection.execute(FORGET, {"kept": KEPT_SETS})
    except exc.IntegrityError:
        return


EMPTY = CompletionSet(0, [])
