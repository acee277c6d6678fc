"""Answers searches from Postgres while Elasticsearch cannot; called by `product_search`."""

import asyncio
from typing import Final

import msgspec

from order_service.catalog.full_text import FoundProduct, FullTextFilter, find_products
from order_service.catalog.products import Ordering
from order_service.database.engine import Database
from schemas.ids import StoreId
from search_indexer.errors import SearchUnavailable
from search_indexer.query.answers import AnsweredBy, SearchAnswer, SearchHit
from search_indexer.query.requests import SearchRequest, Sort
from search_indexer.query.typed_text import readable

AT_ONCE = 2
"""Connections that fallback searches may hold together: they are slow, and orders need the others."""

WAITING = 16
"""Searches that may wait for a turn; those beyond are told to come again."""

ORDERINGS: Final[dict[Sort, Ordering | None]] = {
    "relevance": None,
    "price": "price",
    "-price": "-price",
    "newest": "-created_at",
    "title": "name",
}


class SearchFallback:
    """Full text in Postgres in the shape of the index's answers, without facets, highlights and corrections."""

    def __init__(self, database: Database, currency: str) -> None:
        self._database = database
        self._currency = currency
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer from all words, else from any; raises SearchUnavailable when too many wait, or Unavailable."""
        if self._waiting >= WAITING:
            raise SearchUnavailable("the fallback is busy")
        self._waiting += 1
        try:
            async with self._turns:
                return await self._search(request)
        finally:
            self._waiting -= 1

    async def _search(self, request: SearchRequest) -> SearchAnswer:
        wanted = _filter(request)
        found, count = await find_products(self._database, wanted, request.page, request.page_size)
        answered_by: AnsweredBy = "all_words" if wanted.q else "browse"
        if wanted.q and not count:
            any_word = msgspec.structs.replace(wanted, any_word=True)
            found, count = await find_products(self._database, any_word, request.page, request.page_size)
            answered_by = "most_words" if count else "none"
        hits = [self._hit(each) for each in found]
        return SearchAnswer(count=count, hits=hits, facets=[], answered_by=answered_by)

    def _hit(self, found: FoundProduct) -> SearchHit:
        return SearchHit(**msgspec.structs.asdict(found), currency=self._currency)


def _filter(request: SearchRequest) -> FullTextFilter:
    return FullTextFilter(
        q=readable(request.q),
        category=tuple(request.category),
        brand=tuple(request.brand),
        price_min_minor=request.price_min_minor,
        price_max_minor=request.price_max_minor,
        in_stock=request.in_stock,
        store_id=None if request.store_id is None else StoreId(request.store_id),
        attributes=request.attributes,
        ordering=ORDERINGS[request.sort],
        grouped=request.collapse,
    )
