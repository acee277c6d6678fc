"""Builds the bodies that a search sends to Elasticsearch; pure, used by the index reader.

Filters whose facet is asked for stand in `post_filter`, where they narrow hits and total but not the facets; every
other filter stands in the query, where it is cheapest.
"""

from typing import Any

from search_indexer.query.facets import facet_aggregations, facet_filters
from search_indexer.query.filters import NOT_DELETED, Clause, chosen_filters
from search_indexer.query.ladder import Rung, identifier_clause, word_query
from search_indexer.query.requests import SearchRequest, Sort

Body = dict[str, Any]

ENOUGH = 10
"""Products that fill a first screen; an answer with fewer is widened."""

RARE = 3
"""Products up to which a word is taken for a name: who types it means exactly those."""

SHOWN_FIELDS = [
    "id",
    "sku",
    "version",
    "title",
    "description",
    "brand",
    "category_name",
    "category_path",
    "price_minor",
    "currency",
    "image_link",
    "in_stock_store_ids",
]

SORTS: dict[Sort, list[dict[str, str]]] = {
    "relevance": [{"_score": "desc"}, {"id": "asc"}],
    "price": [{"price_minor": "asc"}, {"id": "asc"}],
    "-price": [{"price_minor": "desc"}, {"id": "asc"}],
    "newest": [{"created_at": "desc"}, {"id": "desc"}],
    "title": [{"title_sort": "asc"}, {"id": "asc"}],
}

HIGHLIGHT: Body = {
    "encoder": "html",
    "max_analyzed_offset": 10_000,  # a longer text would be an error, not a slow answer
    "require_field_match": False,
    "fields": {"title": {"number_of_fragments": 0}, "description": {"number_of_fragments": 1, "fragment_size": 160}},
}


def search_body(request: SearchRequest, rung: Rung, text: str) -> Body:
    """Ask for one page of what the rung matches, its exact total and the facets."""
    filters = chosen_filters(request)
    narrowing = facet_filters(request.facets, filters)
    within = [clause for name, clause in filters.items() if name not in narrowing]
    body: Body = {
        "query": _within(rung, within),
        "from": (request.page - 1) * request.page_size,
        "size": request.page_size,
        "sort": SORTS[request.sort],
        "track_total_hits": True,
        "_source": SHOWN_FIELDS,
        "aggs": facet_aggregations(request, narrowing),
    }
    if narrowing:
        body["post_filter"] = {"bool": {"filter": list(narrowing.values())}}
    if text and request.highlight:
        body["highlight"] = HIGHLIGHT
    return body


def facets_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for the facets alone, in the set that the rung matches."""
    filters = chosen_filters(request)
    narrowing = facet_filters(request.facets, filters)
    within = [clause for name, clause in filters.items() if name not in narrowing]
    aggregations = facet_aggregations(request, narrowing)
    return {"query": _within(rung, within), "size": 0, "track_total_hits": False, "aggs": aggregations}


def probe_body(rung: Rung) -> Body:
    """Ask how much the rung matches, whatever was chosen; stops at ENOUGH."""
    return {"query": _within(rung, []), "size": 0, "terminate_after": ENOUGH, "track_total_hits": True}


def word_probe_body(word: str) -> Body:
    """Ask whether more than RARE products have the word; stops at the first that is one too many."""
    return {"query": _filtered([word_query(word)]), "size": 0, "terminate_after": RARE + 1, "track_total_hits": True}


def identifier_probe_body(text: str) -> Body | None:
    """Ask whether the text is some product's identifier; None when it cannot be one."""
    clause = identifier_clause(text)
    if clause is None:
        return None
    return {"query": _filtered([clause]), "size": 0, "terminate_after": 1, "track_total_hits": True}


def _within(rung: Rung, clauses: list[Clause]) -> Body:
    return {"bool": {"must": [rung.query], "filter": [NOT_DELETED, *clauses]}}


def _filtered(clauses: list[Clause]) -> Body:
    return {"constant_score": {"filter": {"bool": {"filter": [NOT_DELETED, *clauses]}}}}
