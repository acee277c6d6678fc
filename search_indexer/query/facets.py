"""Facets: what is counted under which clauses, and how the counts are read back; pure, used by the query builder.

The contract: the count on a bucket equals the answer's `count` when that bucket alone is chosen in its facet and
everything else stays. So each facet is counted under all other filters, and never under its own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from search_indexer.attributes import attribute_text
from search_indexer.query.answers import Facet, FacetValue
from search_indexer.query.category_facet import CATEGORY_COUNTS, category_values
from search_indexer.query.filters import (
    Clause,
    attribute_clause,
    attribute_field,
    category_clause,
    price_clause,
    stock_clause,
)
from search_indexer.query.groups import GROUP_COUNTS, count_of, in_groups
from search_indexer.query.price_facet import HISTOGRAM, PriceRange, price_facet, ranges_facet
from search_indexer.query.requests import ATTRIBUTE_FACET, ATTRIBUTES, SearchRequest

MOST_VALUES = 50
"""Buckets of a facet; chosen values are added to them when they are not among the first."""

MOST_STORES = 300
"""Buckets of the store facet: every store of all but the largest chains."""

CANDIDATES = 12
"""Attributes that are counted for `attributes` to choose from; each costs as much as another terms facet."""

COUNTED = ("values", "named")
"""Aggregations whose buckets are a facet's values, in groups where variants are collapsed."""

Read = Callable[[Mapping[str, Any], Mapping[Any, int]], Facet]


class Counting(NamedTuple):
    """How one facet is counted and read: its aggregations, and the clauses of values that get a bucket in any case.

    `read` takes what was counted and the count of each `named` value.
    """

    counts: Mapping[str, Any]
    named: Mapping[Any, Clause]
    read: Read


def facet_filters(facets: Sequence[str], filters: Mapping[str, Clause]) -> dict[str, Clause]:
    """Give the filters that narrow hits and total, but not the facets asked for that they belong to."""
    return {name: clause for name, clause in filters.items() if any(_is_own(name, facet) for facet in facets)}


def facet_aggregations(
    request: SearchRequest, narrowing: Mapping[str, Clause], ranges: Sequence[PriceRange] = ()
) -> dict[str, Any]:
    """Count every asked facet under the clauses of `narrowing` (filters that stand in post_filter) but its own.

    Prices are counted in the `ranges` if they are known already.
    """
    return {
        facet_key(position): {
            "filter": {"bool": {"filter": [each for other, each in narrowing.items() if not _is_own(other, name)]}},
            "aggs": _aggregations(request, _counting(request, name, ranges)),
        }
        for position, name in enumerate(request.facets)
    }


def read_facets(
    request: SearchRequest, aggregations: Mapping[str, Any], ranges: Sequence[PriceRange] = ()
) -> list[Facet]:
    """Turn the counts into facets, in the order asked for; without `attributes`, which take a second count."""
    asked = [(name, aggregations[facet_key(each)]) for each, name in enumerate(request.facets)]
    return [_read(_counting(request, name, ranges), counted) for name, counted in asked if name != ATTRIBUTES]


def facet_key(position: int) -> str:
    """Name an aggregation by place: attribute keys may hold brackets, which Elasticsearch takes in no name."""
    return f"facet_{position}"


def _is_own(filter_name: str, facet: str) -> bool:
    """Whether the facet sets the filter; `attributes` may yet become the facet of any attribute."""
    if facet == ATTRIBUTES:
        return filter_name.startswith(ATTRIBUTE_FACET)
    return filter_name == ("in_stock" if facet == "store" else facet)


def _aggregations(request: SearchRequest, counting: Counting) -> dict[str, Any]:
    named = {"named": {"filters": {"filters": list(counting.named.values())}}} if counting.named else {}
    counts = {**counting.counts, **named}
    if not request.collapse:
        return counts
    return {name: in_groups(each) if name in COUNTED else each for name, each in counts.items()}


def _read(counting: Counting, counted: Mapping[str, Any]) -> Facet:
    counts = [count_of(bucket) for bucket in counted["named"]["buckets"]] if counting.named else []
    return counting.read(counted, dict(zip(counting.named, counts, strict=True)))


def _counting(request: SearchRequest, name: str, ranges: Sequence[PriceRange]) -> Counting:
    if name == "price":
        return _price(request, ranges)
    known = COUNTINGS.get(name)
    return known(request) if known else _attribute(request, name.removeprefix(ATTRIBUTE_FACET))


def _brand(request: SearchRequest) -> Counting:
    clauses = {value: {"term": {"brand": value}} for value in request.brand}
    return _terms("brand", "brand", clauses)


def _attribute(request: SearchRequest, key: str) -> Counting:
    values = request.attributes.get(key, ())
    clauses = {attribute_text(value): attribute_clause(key, value) for value in values}
    return _terms(ATTRIBUTE_FACET + key, attribute_field(key), clauses)


def _terms(name: str, field: str, named: Mapping[Any, Clause]) -> Counting:
    def read(counted: Mapping[str, Any], chosen: Mapping[str, int]) -> Facet:
        return Facet(name=name, type="terms", values=_term_values(counted, chosen, chosen))

    return Counting({"values": {"terms": {"field": field, "size": MOST_VALUES}}}, named, read)


def _store(request: SearchRequest) -> Counting:
    """Count what each store has in stock; the shopper's own store has its bucket before it is chosen."""
    store_id = request.store_id
    named = {} if store_id is None else {str(store_id): stock_clause(store_id, in_stock=True)}

    def read(counted: Mapping[str, Any], own: Mapping[str, int]) -> Facet:
        return Facet(name="store", type="terms", values=_term_values(counted, own, own if request.in_stock else {}))

    return Counting({"values": {"terms": {"field": "in_stock_store_ids", "size": MOST_STORES}}}, named, read)


def _category(request: SearchRequest) -> Counting:
    def read(counted: Mapping[str, Any], chosen: Mapping[str, int]) -> Facet:
        return Facet(name="category", type="tree", values=category_values(counted, chosen))

    return Counting(CATEGORY_COUNTS, {value: category_clause(value) for value in request.category}, read)


def _price(request: SearchRequest, ranges: Sequence[PriceRange]) -> Counting:
    """Count the prices, or the ranges that were made from them where products of a group may be in several."""
    chosen = (request.price_min_minor, request.price_max_minor)
    named = {} if chosen == (None, None) else {chosen: price_clause(*chosen)}
    if not ranges:
        grouped = {"grouped": GROUP_COUNTS["grouped"]} if request.collapse else {}
        return Counting({**HISTOGRAM, **grouped}, named, price_facet)
    return Counting({}, {each: price_clause(*each) for each in ranges}, lambda _, counts: ranges_facet(counts))


def _stock(request: SearchRequest) -> Counting:
    both = {word: stock_clause(request.store_id, in_stock=word == "true") for word in ("true", "false")}

    def read(_: Mapping[str, Any], counts: Mapping[str, int]) -> Facet:
        wanted = {None: "", True: "true", False: "false"}[request.in_stock]
        values = [FacetValue(value=word, label=word, count=counts[word], selected=word == wanted) for word in both]
        return Facet(name="in_stock", type="boolean", values=values)

    return Counting({}, both, read)


def _attributes(_: SearchRequest) -> Counting:
    """Count which attributes there are; their facets are read by `attribute_facets`."""
    counts = {"keys": {"terms": {"field": "attribute_keys", "size": CANDIDATES}}}
    return Counting(counts, {}, lambda _, __: Facet(name=ATTRIBUTES, type="terms", values=[]))


COUNTINGS: dict[str, Callable[[SearchRequest], Counting]] = {
    "brand": _brand,
    "category": _category,
    "in_stock": _stock,
    "store": _store,
    ATTRIBUTES: _attributes,
}


def _term_values(counted: Mapping[str, Any], named: Mapping[str, int], selected: Mapping[str, int]) -> list[FacetValue]:
    """Read the buckets, most products first, the named values among them whatever their counts."""
    counts = {bucket["key"]: count_of(bucket) for bucket in counted["values"]["buckets"]} | dict(named)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [FacetValue(value=value, label=value, count=count, selected=value in selected) for value, count in ordered]
