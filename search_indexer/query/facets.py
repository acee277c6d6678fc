"""Facets: what is counted under which clauses, and how the counts are read back; pure, used by the query builder.

The contract: the count on a bucket equals the answer's `count` when that bucket alone is chosen in its facet and
everything else stays. So each facet is counted under all other filters, and never under its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from search_indexer.attributes import attribute_text
from search_indexer.query.answers import Facet, FacetType, FacetValue
from search_indexer.query.category_facet import CATEGORY_COUNTS, category_values
from search_indexer.query.filters import (
    Clause,
    attribute_clause,
    attribute_field,
    category_clause,
    price_clause,
    stock_clause,
)
from search_indexer.query.requests import ATTRIBUTE_FACET, SearchRequest

MOST_VALUES = 50
"""Buckets of a facet; chosen values are added to them when they are not among the first."""

PRICE_EDGES = (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
"""Where a price range ends and the next begins, in minor units; the same for every query, so that links last."""

PriceRange = tuple[int | None, int | None]


def facet_aggregations(request: SearchRequest, narrowing: Mapping[str, Clause]) -> dict[str, Any]:
    """Count every asked facet under the clauses of `narrowing` (filters that stand in post_filter) but its own."""
    aggregations: dict[str, Any] = {}
    for position, name in enumerate(request.facets):
        others = [clause for other, clause in narrowing.items() if other != name]
        chosen = chosen_clauses(request, name)
        counts = dict(_counts(request, name))
        if chosen:
            counts["chosen"] = {"filters": {"filters": chosen}}
        aggregations[_key(position)] = {"filter": {"bool": {"filter": others}}, "aggs": counts}
    return aggregations


def chosen_clauses(request: SearchRequest, name: str) -> list[Clause]:
    """Give one clause for each value chosen in a facet, in the order of `chosen_values`."""
    if name == "brand":
        return [{"term": {"brand": value}} for value in request.brand]
    if name == "category":
        return [category_clause(value) for value in request.category]
    if name == "price":
        return [price_clause(*each) for each in _chosen_prices(request)]
    key = name.removeprefix(ATTRIBUTE_FACET)
    return [attribute_clause(key, value) for value in request.attributes.get(key, ())]


def read_facets(request: SearchRequest, aggregations: Mapping[str, Any]) -> list[Facet]:
    """Turn the counts into facets, in the order they were asked for."""
    return [_facet(request, name, aggregations[_key(each)]) for each, name in enumerate(request.facets)]


def _key(position: int) -> str:
    """Name an aggregation by place: attribute keys may hold brackets, which Elasticsearch takes in no name."""
    return f"facet_{position}"


def _counts(request: SearchRequest, name: str) -> dict[str, Any]:
    if name == "category":
        return CATEGORY_COUNTS
    if name == "price":
        return {"values": {"filters": {"filters": [price_clause(*each) for each in price_ranges()]}}}
    if name == "in_stock":
        both = [stock_clause(request.store_id, in_stock=wanted) for wanted in (True, False)]
        return {"values": {"filters": {"filters": both}}}
    field = "brand" if name == "brand" else attribute_field(name.removeprefix(ATTRIBUTE_FACET))
    return {"values": {"terms": {"field": field, "size": MOST_VALUES}}}


def _facet(request: SearchRequest, name: str, counted: Mapping[str, Any]) -> Facet:
    chosen = [int(bucket["doc_count"]) for bucket in counted.get("chosen", {}).get("buckets", ())]
    kind: FacetType = "terms"
    if name == "category":
        kind, values = "tree", category_values(counted, dict(zip(request.category, chosen, strict=True)))
    elif name == "price":
        kind, values = "ranges", _price_values(counted, dict(zip(_chosen_prices(request), chosen, strict=True)))
    elif name == "in_stock":
        kind, values = "boolean", _stock_values(counted, request.in_stock)
    else:
        values = _term_values(counted, dict(zip(_chosen_terms(request, name), chosen, strict=True)))
    return Facet(name=name, type=kind, values=values)


def _chosen_terms(request: SearchRequest, name: str) -> Sequence[str]:
    if name == "brand":
        return request.brand
    return [attribute_text(value) for value in request.attributes.get(name.removeprefix(ATTRIBUTE_FACET), ())]


def _term_values(counted: Mapping[str, Any], chosen: Mapping[str, int]) -> list[FacetValue]:
    counts = {bucket["key"]: bucket["doc_count"] for bucket in counted["values"]["buckets"]}
    counts |= chosen
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [FacetValue(value=value, label=value, count=count, selected=value in chosen) for value, count in ordered]


def _stock_values(counted: Mapping[str, Any], chosen: bool | None) -> list[FacetValue]:  # noqa: FBT001 - it is a filter's value
    counts = zip((True, False), counted["values"]["buckets"], strict=True)
    return [
        FacetValue(value=word, label=word, count=bucket["doc_count"], selected=chosen is wanted)
        for wanted, bucket in counts
        for word in ["true" if wanted else "false"]
    ]


def price_ranges() -> list[PriceRange]:
    """Give the ranges between the edges, both ends inclusive, the last one open."""
    starts = (0, *PRICE_EDGES)
    return [(start, end - 1) for start, end in zip(starts, PRICE_EDGES, strict=False)] + [(PRICE_EDGES[-1], None)]


def _chosen_prices(request: SearchRequest) -> list[PriceRange]:
    chosen = (request.price_min_minor, request.price_max_minor)
    return [] if chosen == (None, None) else [chosen]


def _price_values(counted: Mapping[str, Any], chosen: Mapping[PriceRange, int]) -> list[FacetValue]:
    buckets = zip(price_ranges(), counted["values"]["buckets"], strict=True)
    counts = {each: bucket["doc_count"] for each, bucket in buckets if bucket["doc_count"]}
    counts |= chosen
    return [
        FacetValue(
            value=price_value(each),
            label=price_value(each),
            count=counts[each],
            selected=each in chosen,
            from_minor=each[0],
            to_minor=each[1],
        )
        for each in sorted(counts, key=lambda each: (each[0] or 0, each[1] is None, each[1] or 0))
    ]


def price_value(each: PriceRange) -> str:
    """Write a range of minor units as "1000-2499", open ends empty; `api` gives it a label in money."""
    return "-".join("" if bound is None else str(bound) for bound in each)
