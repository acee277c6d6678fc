"""Learns from the search log which queries to offer as completions; one task of `aisle jobs`.

Offered is what enough different people searched for on several days, what looks like nobody's own, what was not a
slip of spelling, and what some product on sale has every word of: nobody can have the shop say what no product does.
"""

from collections.abc import Sequence

from order_service.database.engine import Database
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.relevance.shareable_queries import LONGEST, is_shareable
from search_indexer.storage.completions import (
    FrequentQuery,
    Threshold,
    Window,
    read_completions,
    read_frequent,
    save_completions,
)

WINDOW = Window(days=60, half_life_days=14.0)
MOST_LEARNED = 2_000
"""Completions that are offered; it bounds what each API process holds in memory, some 1 MB."""

MOST_READ = 2 * MOST_LEARNED
SEARCHER_DAYS = 2
LEAST_AT_ONCE = 3
"""Searchers on one day. The same person is another searcher on the next, so days added up are not people."""

ASKED_AT_ONCE = 50
SPELT_AS_MEANT = frozenset({"all_words", "most_words"})


async def learn_completions(database: Database, reader: SuggestionReader, searchers: int) -> int:
    """Save a new version when the completions changed and say how many there are then, else 0.

    A query wants `searchers` in all, counted a day at a time, on at least two days and three of them on one. Raises
    Unavailable and the errors of the reader; then the last version stays.
    """
    threshold = Threshold(searchers, SEARCHER_DAYS, min(searchers, LEAST_AT_ONCE))
    frequent = await read_frequent(database, threshold, WINDOW, longest=LONGEST, most=MOST_READ)
    learned = await _finding(reader, offered(frequent))
    if learned == (await read_completions(database)).texts:
        return 0
    await save_completions(database, learned)
    return len(learned)


def offered(frequent: Sequence[FrequentQuery]) -> list[str]:
    """Choose the queries that may be offered, best first, at most MOST_LEARNED."""
    fit = [
        each.query
        for each in frequent
        if each.results and each.answered_by in SPELT_AS_MEANT and is_shareable(each.query)
    ]
    return fit[:MOST_LEARNED]


async def _finding(reader: SuggestionReader, queries: Sequence[str]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(queries), ASKED_AT_ONCE):
        found += await reader.which_find(queries[start : start + ASKED_AT_ONCE])
    return found
