"""Says in Python whether a product passes the filters of a search; for tests that look at single products."""

from schemas.events.product_snapshot import ProductSnapshot
from search_indexer.attributes import normalized_attributes
from search_indexer.query.requests import SearchRequest


def holds(product: ProductSnapshot, request: SearchRequest) -> bool:
    """Whether the product passes every filter."""
    places = {*product.category.slugs, *map(str, product.category.ids)}
    there = request.store_id in product.in_stock_store_ids if request.store_id else bool(product.in_stock_store_ids)
    attributes = normalized_attributes(product.attributes)
    return (
        not product.deleted
        and (not request.brand or product.brand in request.brand)
        and (not request.category or not places.isdisjoint(request.category))
        and (request.price_min_minor is None or product.price_minor >= request.price_min_minor)
        and (request.price_max_minor is None or product.price_minor <= request.price_max_minor)
        and (request.in_stock is None or there == request.in_stock)
        and all(not set(attributes.get(key, [])).isdisjoint(wanted) for key, wanted in request.attributes.items())
    )
