"""Makes the pages that searches answer with, live quantities included, and renews kept ones; the handler calls it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import msgspec
from msgspec import UNSET

from api.dependencies import Dependencies
from api.product_search import search_products
from api.rendering.search import CATEGORY, STORE, facet_body, hit_body
from api.search_page import HEAD, SearchPage
from order_service.errors import Unavailable
from order_service.stock.levels import read_quantities
from schemas.http_api.search import SearchBody
from schemas.ids import ProductId, StoreId
from search_indexer.query.answers import Facet, SearchAnswer
from search_indexer.query.requests import SearchRequest

Quantities = dict[ProductId, int]


async def make_page(dependencies: Dependencies, wanted: SearchRequest, *, is_stale: bool = False) -> SearchPage:
    """Search and read what is in stock, for the whole page at once; raises what `search_products` raises."""
    found = await search_products(dependencies, wanted)
    read_at = monotonic()
    quantities, labels = await asyncio.gather(
        _quantities(dependencies, wanted, found.answer), _labels(dependencies, found.answer.facets)
    )
    page = SearchPage(
        wanted=wanted,
        answer=found.answer,
        next_cursor=found.next_cursor,
        labels=labels,
        is_stale=is_stale,
        is_fallback=found.degraded,
        is_degraded=found.degraded,
        read_at=read_at,
    )
    return _encoded(dependencies, page, quantities)


async def renewed(dependencies: Dependencies, page: SearchPage) -> SearchPage:
    """Give the same page with what is in stock now; never raises, and is degraded while Postgres is away."""
    read_at = monotonic()
    quantities = await _quantities(dependencies, page.wanted, page.answer)
    return _encoded(dependencies, replace(page, read_at=read_at), quantities)


def _encoded(dependencies: Dependencies, page: SearchPage, quantities: Quantities | None) -> SearchPage:
    is_degraded = page.is_fallback or quantities is None or page.labels is None
    encoded = msgspec.json.encode(_body(dependencies, page, quantities, is_degraded=is_degraded))
    return replace(page, is_degraded=is_degraded, tail=encoded[len(HEAD) :])


def _body(
    dependencies: Dependencies, page: SearchPage, quantities: Quantities | None, *, is_degraded: bool
) -> SearchBody:
    wanted, answer, currency = page.wanted, page.answer, dependencies.settings.shop.currency
    known = quantities or {}
    return SearchBody(
        query_id="",
        count=answer.count,
        page=wanted.page,
        page_size=wanted.page_size,
        results=[hit_body(hit, known, wanted.store_id) for hit in answer.hits],
        facets=[facet_body(facet, page.labels or {}, currency) for facet in answer.facets],
        did_you_mean=answer.did_you_mean,
        answered_by=answer.answered_by,
        redirect=answer.redirect or UNSET,
        index_lag_ms=None if page.is_fallback else dependencies.index_lag.current_ms(),
        next_cursor=page.next_cursor,
        stale=page.is_stale or UNSET,
        degraded=is_degraded or UNSET,
    )


async def _quantities(dependencies: Dependencies, wanted: SearchRequest, answer: SearchAnswer) -> Quantities | None:
    """Read what is available of each hit and its variants; None while Postgres is away."""
    ids = [ProductId(each) for hit in answer.hits for each in {hit.id, *(variant.id for variant in hit.variants)}]
    if not ids:
        return {}
    store_id = None if wanted.store_id is None else StoreId(wanted.store_id)
    try:
        return await read_quantities(dependencies.database, ids, store_id)
    except Unavailable:
        return None


async def _labels(dependencies: Dependencies, facets: Sequence[Facet]) -> dict[str, str] | None:
    """Read the names of the categories and stores counted; None while Postgres is away."""
    counted = {facet.name: [value.value for value in facet.values] for facet in facets}
    slugs = counted.get(CATEGORY, [])
    stores = [StoreId(int(each)) for each in counted.get(STORE, [])]
    try:
        return await dependencies.facet_names.of(slugs, stores)
    except Unavailable:
        return None
