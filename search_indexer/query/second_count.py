"""Facets that are counted a second time, by what the first count told; pure, used by the climb.

`attributes` learns which keys there are and then counts those. Price ranges are made from a histogram of products;
where variants are collapsed, a group with variants at several prices is in several parts of the histogram and yet
counts once in a range, so the ranges are counted by themselves. Without groups the first count is the last.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from search_indexer.query.answers import Facet
from search_indexer.query.attribute_facets import attributes_request, candidate_keys, useful_facets
from search_indexer.query.facets import facet_key, read_facets
from search_indexer.query.groups import has_groups
from search_indexer.query.price_facet import PriceRange, recounted
from search_indexer.query.requests import ATTRIBUTES, SearchRequest

PRICE = "price"


class SecondCount(NamedTuple):
    """What is counted again: the request's facets, prices in these ranges."""

    request: SearchRequest
    ranges: Sequence[PriceRange]


def second_count(
    request: SearchRequest, aggregations: Mapping[str, Any], facets: Sequence[Facet]
) -> SecondCount | None:
    """Say what of the facets is to be counted again after this first count; None as a rule."""
    ranges = _ranges_in_groups(request, aggregations, facets)
    names = (PRICE,) if ranges else ()
    if ATTRIBUTES in request.facets:
        candidates = candidate_keys(aggregations[facet_key(request.facets.index(ATTRIBUTES))])
        names = (*names, *attributes_request(request, candidates).facets)
    return SecondCount(msgspec.structs.replace(request, facets=names), ranges) if names else None


def all_facets(
    request: SearchRequest, facets: Sequence[Facet], second: SecondCount, aggregations: Mapping[str, Any]
) -> list[Facet]:
    """Put the second count's facets in their places among the first count's."""
    counted = list(read_facets(second.request, aggregations, second.ranges))
    if second.ranges:
        prices = counted.pop(0)
        facets = [recounted(facet, prices) if facet.name == PRICE else facet for facet in facets]
    if ATTRIBUTES not in request.facets:
        return list(facets)
    place, skipped = request.facets.index(ATTRIBUTES), len(second.request.facets) - len(counted)
    counts = [aggregations[facet_key(skipped + each)] for each in range(len(counted))]
    return [*facets[:place], *useful_facets(zip(counted, counts, strict=True)), *facets[place:]]


def _ranges_in_groups(
    request: SearchRequest, aggregations: Mapping[str, Any], facets: Sequence[Facet]
) -> list[PriceRange]:
    if PRICE not in request.facets or not has_groups(aggregations[facet_key(request.facets.index(PRICE))]):
        return []
    [facet] = [facet for facet in facets if facet.name == PRICE]
    return [(value.from_minor, value.to_minor) for value in facet.values]
