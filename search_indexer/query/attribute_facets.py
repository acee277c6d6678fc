"""Chooses the attributes whose facets an answer gets when `attributes` is asked for; pure, used by the climb.

A catalogue has thousands of attribute keys, and a category some dozens. The keys that many of the found products have
are candidates: they come from the categories in the answer. A candidate is counted, and its facet given when its
values tell products apart: at least two, and few enough that the first ones cover half of the products.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.query.answers import Facet
from search_indexer.query.facets import facet_key, read_facets
from search_indexer.query.requests import ATTRIBUTE_FACET, ATTRIBUTES, SearchRequest

MOST_FACETS = 8
LEAST_SHARE = 0.1
"""Of the products found: so many at least have a key that is a candidate."""

FIRST_VALUES = 10
LEAST_COVERED = 0.5


def candidate_keys(request: SearchRequest, aggregations: Mapping[str, Any]) -> list[str]:
    """Read the keys that many of the products found have, the commonest first; none where they are not asked for."""
    if ATTRIBUTES not in request.facets:
        return []
    counted = aggregations[facet_key(request.facets.index(ATTRIBUTES))]
    least = LEAST_SHARE * counted["doc_count"]
    return [bucket["key"] for bucket in counted["values"]["buckets"] if bucket["doc_count"] >= least]


def attributes_request(request: SearchRequest, candidates: Sequence[str]) -> SearchRequest:
    """Ask for the facets of the attributes chosen from and of the candidates, without those asked for by name."""
    chosen = [key for key, values in request.attributes.items() if values]
    names = dict.fromkeys(ATTRIBUTE_FACET + key for key in (*chosen, *candidates))
    return msgspec.structs.replace(request, facets=tuple(name for name in names if name not in request.facets))


def useful_facets(wanted: SearchRequest, aggregations: Mapping[str, Any]) -> list[Facet]:
    """Read the facets of `attributes_request`, and leave out those whose values do not tell products apart."""
    facets = enumerate(read_facets(wanted, aggregations))
    useful = [each for place, each in facets if _is_chosen(each) or _tells_apart(aggregations[facet_key(place)])]
    return useful[:MOST_FACETS]


def with_attribute_facets(request: SearchRequest, facets: Sequence[Facet], useful: Sequence[Facet]) -> list[Facet]:
    """Put the useful facets where `attributes` stands among the facets asked for."""
    place = request.facets.index(ATTRIBUTES)
    return [*facets[:place], *useful, *facets[place:]]


def _is_chosen(facet: Facet) -> bool:
    return any(value.selected for value in facet.values)


def _tells_apart(counts: Mapping[str, Any]) -> bool:
    found = [bucket["doc_count"] for bucket in counts["values"]["buckets"]]
    everything = sum(found) + counts["values"]["sum_other_doc_count"]
    return len(found) > 1 and sum(found[:FIRST_VALUES]) >= LEAST_COVERED * everything
