"""`/search`: products with live quantities, completions, and why a product is where it is."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec
import uuid_utils.compat
from msgspec import UNSET

from api.access import Access, Rule, client_key
from api.handler import ApiHandler
from api.product_search import search_products
from api.rate_limits.scopes import SEARCH, SUGGEST
from api.reading.index_tokens import HEADER as INDEX_TOKEN
from api.reading.index_tokens import read_tokens
from api.reading.search_requests import read_explain, read_search, read_suggest
from api.rendering.explanations import explanation_body
from api.rendering.search import CATEGORY, STORE, facet_body, hit_body
from api.routing import Route
from order_service.catalog.categories import category_labels
from order_service.catalog.stores import store_names
from order_service.errors import Unavailable
from order_service.stock.levels import read_quantities
from schemas.http_api.search import SearchBody
from schemas.ids import ProductId, StoreId
from search_indexer.errors import SearchTimeout, SearchUnavailable
from search_indexer.query.answers import Facet, SearchAnswer
from search_indexer.query.explaining.product_explainer import ProductExplainer
from search_indexer.query.requests import SearchRequest

WAIT_S = 2.0
"""How long a search waits for the write that its `Index-Token` names."""


class Search(ApiHandler):
    """Products that match."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE, (SEARCH,))}

    async def get(self) -> None:
        """Answer one page; what is in stock is read from Postgres for the whole page at once."""
        wanted = read_search(self.parameters(), self.currency, self.dependencies.settings.search_mode.mode)
        is_stale = await self._is_stale()
        found = await search_products(self.dependencies, wanted)
        answer = found.answer
        quantities, labels = await asyncio.gather(self._quantities(wanted, answer), self._labels(answer.facets))
        degraded = found.degraded or quantities is None or labels is None
        query_id = uuid_utils.compat.uuid7()
        self.answer(
            SearchBody(
                query_id=str(query_id),
                count=answer.count,
                page=wanted.page,
                page_size=wanted.page_size,
                results=[hit_body(hit, quantities or {}, wanted.store_id) for hit in answer.hits],
                facets=[facet_body(facet, labels or {}, self.currency) for facet in answer.facets],
                did_you_mean=answer.did_you_mean,
                answered_by=answer.answered_by,
                redirect=answer.redirect or UNSET,
                index_lag_ms=None if found.degraded else self.dependencies.index_lag.current_ms(),
                next_cursor=found.next_cursor,
                stale=is_stale or UNSET,
                degraded=degraded or UNSET,
            )
        )
        self.dependencies.search_log.note_search(
            query_id, wanted, answer, searcher=self._searcher(), degraded=found.degraded
        )

    def _searcher(self) -> bytes:
        client = client_key(self.principal, self.request.remote_ip or "")
        return self.dependencies.searchers.digest(client, datetime.now(UTC).date())

    async def _is_stale(self) -> bool:
        token = self.request.headers.get(INDEX_TOKEN)
        if token is None:
            return False
        versions = read_tokens(token)
        if self.dependencies.search_breaker.is_open:
            return False  # Postgres answers, which has every write
        try:
            return not await self.dependencies.search.wait_until_visible(versions, WAIT_S)
        except (SearchUnavailable, SearchTimeout):
            return False

    async def _quantities(self, wanted: SearchRequest, answer: SearchAnswer) -> dict[ProductId, int] | None:
        """Read what is available of each hit and its variants; None while Postgres is away."""
        ids = [ProductId(each) for hit in answer.hits for each in {hit.id, *(variant.id for variant in hit.variants)}]
        if not ids:
            return {}
        store_id = None if wanted.store_id is None else StoreId(wanted.store_id)
        try:
            return await read_quantities(self.dependencies.database, ids, store_id)
        except Unavailable:
            return None

    async def _labels(self, facets: Sequence[Facet]) -> dict[str, str] | None:
        """Read the names of the categories and stores counted; None while Postgres is away."""
        counted = {facet.name: [value.value for value in facet.values] for facet in facets}
        slugs = counted.get(CATEGORY, [])
        stores = [StoreId(int(each)) for each in counted.get(STORE, [])]
        database = self.dependencies.database
        try:
            labels = await category_labels(database, slugs) if slugs else {}
            names = await store_names(database, stores) if stores else {}
        except Unavailable:
            return None
        return labels | {str(store_id): name for store_id, name in names.items()}


class Explain(ApiHandler):
    """Why a product is where it is."""

    rules: ClassVar = {"GET": Rule(Access.STAFF)}

    async def get(self) -> None:
        """Explain one product in one search, under the synonyms and rules in effect."""
        product_id, wanted = read_explain(self.parameters(), self.currency, self.dependencies.settings.search_mode.mode)
        explainer = ProductExplainer(self.dependencies.search, self.dependencies.database)
        merchandising = await self.dependencies.merchandising.current()
        self.answer(explanation_body(await explainer.explain(product_id, wanted, merchandising)))


class Suggest(ApiHandler):
    """Completions of what is being typed."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE, (SUGGEST,))}

    async def get(self) -> None:
        """Answer with texts, products and categories."""
        body, source = await self.dependencies.suggestions.answer(read_suggest(self.parameters()))
        self.set_header("X-Cache", source)
        self.answer(msgspec.Raw(body))


ROUTES = [
    Route("/api/v1/search/products", Search),
    Route("/api/v1/search/suggest", Suggest),
    Route("/api/v1/search/explain", Explain),
]
