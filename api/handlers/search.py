"""`/search`: products with live quantities, completions, and why a product is where it is."""

from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

import msgspec
import uuid_utils.compat

from api.access import Access, Rule, client_key
from api.handler import ApiHandler
from api.rate_limits.scopes import SEARCH, SUGGEST
from api.reading.index_tokens import HEADER as INDEX_TOKEN
from api.reading.index_tokens import read_tokens
from api.reading.search_requests import read_explain, read_search, read_suggest
from api.rendering.explanations import explanation_body
from api.routing import Route
from api.search_page import SearchPage
from api.search_pages import make_page, renewed
from search_indexer.errors import SearchTimeout, SearchUnavailable
from search_indexer.query.explaining.product_explainer import ProductExplainer
from search_indexer.query.requests import SearchRequest

WAIT_S = 2.0
"""How long a search waits for the write that its `Index-Token` names."""


class Search(ApiHandler):
    """Products that match."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE, (SEARCH,))}

    async def get(self) -> None:
        """Answer one page; one of the last seconds, with what is in stock now, when nothing has changed since."""
        query_id = uuid_utils.compat.uuid7()
        page = await self._kept_page() or await self._new_page()
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(page.body(str(query_id)))
        self.dependencies.search_log.note_search(
            query_id, page.wanted, page.answer, searcher=self._searcher(), degraded=page.is_fallback
        )

    async def _kept_page(self) -> SearchPage | None:
        """Give the page that was kept for this very query; who waits for a write of theirs wants a new one."""
        if INDEX_TOKEN in self.request.headers:
            return None
        cache, query = self.dependencies.search_cache, self.request.query
        version = await self.dependencies.search_version()
        page = None if version is None else cache.find(query, version)
        if page is None:
            return None
        if page.has_ageing_quantities:
            renewing = cache.once(f"renew {query}", partial(self._renewed, query, page))
            page = await renewing if page.has_old_quantities else page
        self._tell_cached("hit")
        return page

    async def _renewed(self, query: str, page: SearchPage) -> SearchPage:
        newer = await renewed(self.dependencies, page)
        if not newer.is_degraded:
            self.dependencies.search_cache.replace(query, newer)
        return newer

    async def _new_page(self) -> SearchPage:
        wanted = read_search(self.parameters(), self.currency, self.dependencies.settings.search_mode.mode)
        is_stale = await self._is_stale()
        self._tell_cached("miss")
        if INDEX_TOKEN in self.request.headers or wanted.cursor is not None:
            return await make_page(self.dependencies, wanted, is_stale=is_stale)
        query = self.request.query
        return await self.dependencies.search_cache.once(f"make {query}", partial(self._made, query, wanted))

    async def _made(self, query: str, wanted: SearchRequest) -> SearchPage:
        version = await self.dependencies.search_version()
        page = await make_page(self.dependencies, wanted)
        if version and not page.is_degraded:
            self.dependencies.search_cache.keep(query, version, page)
        return page

    def _tell_cached(self, outcome: str) -> None:
        self.set_header("X-Cache", outcome)
        self.dependencies.metrics.count_cached(outcome)

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
