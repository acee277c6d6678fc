"""What the search log tells staff: the top, the zero-result and the no-click queries; called by the API."""

import msgspec

from order_service.database.engine import Database
from search_indexer.storage.search_log import QueryRow, read_queries

MOST_DAYS = 365


class Report(msgspec.Struct, frozen=True):
    """One page of queries and the number of all."""

    queries: list[QueryRow]
    count: int


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """The same page of each report, most frequent queries first.

    `zero_results` has queries that found nothing at least once, `no_clicks` those that found something and whose
    hits nobody clicked, on whichever page.
    """

    top: Report
    zero_results: Report
    no_clicks: Report


async def read_reports(database: Database, *, days: int, page: int, page_size: int) -> Reports:
    """Read all three over the last `days`; raises Unavailable."""
    found = {
        name: Report(*await read_queries(database, name, days=days, page=page, page_size=page_size))
        for name in ("top", "zero_results", "no_clicks")
    }
    return Reports(**found)


async def read_top_queries(database: Database, days: int, most: int) -> list[str]:
    """Give the most frequent queries alone; raises Unavailable."""
    rows, _ = await read_queries(database, "top", days=days, page=1, page_size=most)
    return [row.query for row in rows]
