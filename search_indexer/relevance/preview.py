"""What a proposal of synonyms or rules would change, on real queries, before it is saved; called by the API."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from order_service.database.engine import Database
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import Merchandising
from search_indexer.query.requests import SearchRequest
from search_indexer.relevance.reports import read_top_queries

MOST_QUERIES = 20
COMPARED_HITS = 20
"""The first page, as most shops show it."""


class Move(msgspec.Struct, frozen=True):
    """One product whose place among the first 20 hits changes; places count from 1, None is not among them."""

    product_id: int
    title: str
    before: int | None
    after: int | None


class QueryPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What changes for one query."""

    query: str
    count_before: int
    count_after: int
    redirect_before: str | None
    redirect_after: str | None
    moves: list[Move]


async def preview(
    reader: SearchReader, queries: Sequence[str], saved: Merchandising, proposed: Merchandising, now: datetime
) -> list[QueryPreview]:
    """Search for each query under both; raises what the reader raises. Two searches a query, one after the other."""
    previews: list[QueryPreview] = []
    for query in queries[:MOST_QUERIES]:
        request = comparison(query)
        before, after = await reader.search(request, saved, now), await reader.search(request, proposed, now)
        previews.append(compared(query, before, after))
    return previews


def comparison(query: str) -> SearchRequest:
    """Ask for the page that is compared."""
    return SearchRequest(q=query, page_size=COMPARED_HITS, highlight=False)


def compared(query: str, before: SearchAnswer, after: SearchAnswer) -> QueryPreview:
    """Say what changed between two first pages: products in their new order, those that left at the end."""
    return QueryPreview(
        query=query,
        count_before=before.count,
        count_after=after.count,
        redirect_before=before.redirect,
        redirect_after=after.redirect,
        moves=_moves(before, after),
    )


def _moves(before: SearchAnswer, after: SearchAnswer) -> list[Move]:
    old = {hit.id: place for place, hit in enumerate(before.hits, start=1)}
    new = {hit.id: place for place, hit in enumerate(after.hits, start=1)}
    titles = {hit.id: hit.title for hit in [*before.hits, *after.hits]}
    compared_places = [Move(product, titles[product], old.get(product), new.get(product)) for product in {**new, **old}]
    return [move for move in compared_places if move.before != move.after]


async def usual_queries(database: Database, days: int = 7) -> list[str]:
    """Give the most frequent queries of late, for a preview that names none; raises Unavailable."""
    return await read_top_queries(database, days, MOST_QUERIES)
