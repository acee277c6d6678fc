"""What the shopper chose, as one Elasticsearch clause a filter; pure, used by the query builder and the facets."""

from typing import Any

from search_indexer.attributes import attribute_key, attribute_text
from search_indexer.query.requests import ATTRIBUTE_FACET, SearchRequest

Clause = dict[str, Any]

LONGEST_ID = 18
"""Digits that fit the index's `long` whatever they are."""

NOT_DELETED: Clause = {"term": {"deleted": False}}


def chosen_filters(request: SearchRequest) -> dict[str, Clause]:
    """Map the name of each filter in use (a facet has the same name) to the clause that its values make together."""
    chosen: dict[str, Clause] = {}
    if request.brand:
        chosen["brand"] = {"terms": {"brand": request.brand}}
    if request.category:
        chosen["category"] = any_of([category_clause(each) for each in request.category])
    if request.price_min_minor is not None or request.price_max_minor is not None:
        chosen["price"] = price_clause(request.price_min_minor, request.price_max_minor)
    if request.in_stock is not None:
        chosen["in_stock"] = stock_clause(request.store_id, in_stock=request.in_stock)
    for key, values in request.attributes.items():
        if values:
            chosen[ATTRIBUTE_FACET + key] = any_of([attribute_clause(key, value) for value in values])
    return chosen


def category_clause(id_or_slug: str) -> Clause:
    """Match a category with everything below it, by id or by slug; no slug consists of digits alone."""
    if is_id(id_or_slug):
        return {"term": {"category_ids": int(id_or_slug)}}
    return {"term": {"category_slugs": id_or_slug}}


def is_id(text: str) -> bool:
    """Whether the text can be a category's id: digits that fit the index's `long`."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


def price_clause(from_minor: int | None, to_minor: int | None) -> Clause:
    """Match prices from `from_minor` to `to_minor`, both inclusive, None open."""
    bounds = {"gte": from_minor, "lte": to_minor}
    return {"range": {"price_minor": {name: bound for name, bound in bounds.items() if bound is not None}}}


def stock_clause(store_id: int | None, *, in_stock: bool) -> Clause:
    """Match what is in stock at the store, or at any store; or exactly the rest."""
    there: Clause = {"exists": {"field": "in_stock_store_ids"}}
    if store_id is not None:
        there = {"term": {"in_stock_store_ids": str(store_id)}}
    return there if in_stock else {"bool": {"must_not": [there]}}


def attribute_field(key: str) -> str:
    """Name the field of one attribute as queries and aggregations know it; for an empty key one that never exists."""
    return f"attributes.{attribute_key(key) or ' '}"


def attribute_clause(key: str, value: str) -> Clause:
    """Match products with that value of that attribute."""
    return {"term": {attribute_field(key): attribute_text(value)}}


def any_of(clauses: list[Clause]) -> Clause:
    """Match what any of the clauses matches."""
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}
