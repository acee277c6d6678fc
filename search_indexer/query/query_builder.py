"""Builds the bodies that a search sends to Elasticsearch; pure, used by the index reader.

Filters whose facet is asked for stand in `post_filter`, where they narrow hits and total but not the facets; every
other filter stands in the query, where it is cheapest.
"""

from collections.abc import Sequence
from typing import Any

from search_indexer.query.facets import facet_aggregations, facet_filters
from search_indexer.query.filters import NOT_DELETED, Clause, chosen_filters
from search_indexer.query.fusion import WINDOW, Ranked
from search_indexer.query.groups import COLLAPSE, GROUP_COUNTS, GROUP_KEY
from search_indexer.query.ladder import Query, Rung, identifier_clause, word_query
from search_indexer.query.nearest import NEAREST
from search_indexer.query.price_facet import PriceRange
from search_indexer.query.requests import SearchRequest, Sort
from search_indexer.query.variants import variants_aggregation

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
    "group_id",
]

SHOWN = "shown"
"""Member of a body whose hits are to have SHOWN_FIELDS and the words of its `texts` marked; for `shown_products`."""

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


IDS_ONLY: Body = {"_source": False, "stored_fields": "_none_"}
"""For rankings that are fused: the sort holds each hit's score and id, and reading nothing else is much faster."""


def search_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for one page of what the rung matches, its exact total and the facets."""
    start = (request.page - 1) * request.page_size
    return {**_set_body(request, rung), **_shown(request, rung), "from": start, "size": request.page_size}


def ranking_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for the first ids by words, the exact total and the facets; what only meaning finds comes last, scored 0."""
    return {**_set_body(request, rung), **IDS_ONLY, "size": WINDOW}


def nearest_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for the ids by meaning, of the products that pass every filter; only for a rung that is `near`."""
    if rung.near is None:
        raise ValueError(rung)
    clauses = [NOT_DELETED, *chosen_filters(request).values()]
    return {
        **IDS_ONLY,
        "query": {"bool": {"must": [rung.near.order], "filter": clauses}},
        "size": NEAREST,
        "sort": SORTS["relevance"],
        "track_total_hits": False,
        **_collapsed(request),
    }


def named_body(request: SearchRequest, rung: Rung, ids: Sequence[int]) -> Body:
    """Ask for the named products, in no particular order; those that pass no filter any more are left out."""
    clauses = [NOT_DELETED, *chosen_filters(request).values(), {"terms": {"id": list(ids)}}]
    query = {"constant_score": {"filter": {"bool": {"filter": clauses}}}}
    return {**_shown(request, rung), "query": query, "size": len(ids), "track_total_hits": False}


def following_body(request: SearchRequest, rung: Rung, start: int, size: int, shown: Sequence[Ranked]) -> Body:
    """Ask for what follows after hits that were shown by name, by words; `start` counts without those."""
    body = {**_set_body(request, rung), **_shown(request, rung), "from": start, "size": size, "track_total_hits": False}
    passed: Clause = {"terms": {"id": [each.id for each in shown]}}
    if request.collapse:
        passed = {"terms": {GROUP_KEY: [each.group for each in shown]}}
    return without({name: value for name, value in body.items() if name != "aggs"}, passed)


def without(body: Body, passed: Clause) -> Body:
    """Leave what a clause matches out of a body's hits; its total and facets still count it."""
    clauses = body.get("post_filter", {}).get("bool", {}).get("filter", [])
    return {**body, "post_filter": {"bool": {"filter": clauses, "must_not": [passed]}}}


def facets_body(request: SearchRequest, rung: Rung, ranges: Sequence[PriceRange]) -> Body:
    """Ask for the facets alone, in the set that the rung matches; prices are counted in the ranges."""
    filters = chosen_filters(request)
    narrowing = facet_filters(request.facets, filters)
    within = [clause for name, clause in filters.items() if name not in narrowing]
    aggregations = facet_aggregations(request, narrowing, ranges)
    return {"query": _within(rung.whole, within), "size": 0, "track_total_hits": False, "aggs": aggregations}


def variants_body(request: SearchRequest, rung: Rung, groups: Sequence[str]) -> Body:
    """Ask for the variants of these groups that match by themselves, each group's in the order of the search."""
    clauses = [*chosen_filters(request).values(), {"terms": {"group_id": list(groups)}}]
    aggregation = variants_aggregation(groups, SORTS[request.sort])
    return {"query": _within(rung.whole, clauses), "size": 0, "track_total_hits": False, "aggs": aggregation}


def probe_body(rung: Rung) -> Body:
    """Ask how much the rung's words match, whatever was chosen; stops at ENOUGH."""
    return {"query": _within(rung.query, []), "size": 0, "terminate_after": ENOUGH, "track_total_hits": True}


def nearest_probe_body(rung: Rung) -> Body:
    """Ask whether the text has any nearest products, whatever was chosen; only for a rung that is `near`."""
    if rung.near is None:
        raise ValueError(rung)
    query = {"bool": {"must": [rung.near.order], "filter": [NOT_DELETED]}}
    return {"query": query, "size": 0, "terminate_after": 1, "track_total_hits": True}


def word_probe_body(word: str) -> Body:
    """Ask whether more than RARE products have the word; stops at the first that is one too many."""
    return {"query": _filtered([word_query(word)]), "size": 0, "terminate_after": RARE + 1, "track_total_hits": True}


def identifier_probe_body(text: str) -> Body | None:
    """Ask whether the text is some product's identifier; None when it cannot be one."""
    clause = identifier_clause(text)
    if clause is None:
        return None
    return {"query": _filtered([clause]), "size": 0, "terminate_after": 1, "track_total_hits": True}


def _set_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for the whole set in the order of the sort, with its exact total and the facets."""
    filters = chosen_filters(request)
    narrowing = facet_filters(request.facets, filters)
    within = [clause for name, clause in filters.items() if name not in narrowing]
    body: Body = {
        "query": _within(rung.whole, within),
        "sort": SORTS[request.sort],
        "track_total_hits": True,
        "aggs": facet_aggregations(request, narrowing),
        **_collapsed(request),
    }
    if request.collapse:
        body["aggs"] |= {"total": {"filter": {"bool": {"filter": list(narrowing.values())}}, "aggs": GROUP_COUNTS}}
    else:
        body["aggs"] |= {"grouped": GROUP_COUNTS["grouped"]}
    if narrowing:
        body["post_filter"] = {"bool": {"filter": list(narrowing.values())}}
    return body


def _collapsed(request: SearchRequest) -> Body:
    return {"collapse": COLLAPSE} if request.collapse else {}


def _shown(request: SearchRequest, rung: Rung) -> Body:
    """Ask for what a page shows of its hits; words that are spelt otherwise than typed are marked by the server."""
    if rung.name == "browse" or not request.highlight:
        return {SHOWN: {"texts": []}}
    if rung.texts:
        return {SHOWN: {"texts": list(rung.texts)}}
    return {"_source": SHOWN_FIELDS, "highlight": {**HIGHLIGHT, "highlight_query": rung.query}}


def _within(query: Query, clauses: list[Clause]) -> Body:
    return {"bool": {"must": [query], "filter": [NOT_DELETED, *clauses]}}


def _filtered(clauses: list[Clause]) -> Body:
    return {"constant_score": {"filter": {"bool": {"filter": [NOT_DELETED, *clauses]}}}}
