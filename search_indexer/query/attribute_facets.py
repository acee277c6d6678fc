"""Chooses the attributes whose facets an answer gets when `attributes` is asked for; pure, used by the second count.

A catalogue has thousands of attribute keys, and a category some dozens. The keys that many of the found products have
are candidates: they come from the categories in the answer. A candidate is counted, and its facet given when its
values tell products apart: at least two, and few enough that the first ones cover half of the products.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.query.answers import Facet
from search_indexer.query.requests import ATTRIBUTE_FACET, SearchRequest

MOST_FACETS = 8
LEAST_SHARE = 0.1
"""Of the products found: so many at least have a key that is a candidate."""

FIRST_VALUES = 10
LEAST_COVERED = 0.5


def candidate_keys(counted: Mapping[str, Any]) -> list[str]:
    """Read the keys that many of the products found have, the commonest first."""
    least = LEAST_SHARE * counted["doc_count"]
    return [bucket["key"] for bucket in counted["keys"]["buckets"] if bucket["doc_count"] >= least]


def attributes_request(request: SearchRequest, candidates: Sequence[str]) -> SearchRequest:
    """Ask for the facets of the attributes chosen from and of the candidates, without those asked for by name."""
    chosen = [key for key, values in request.attributes.items() if values]
    names = dict.fromkeys(ATTRIBUTE_FACET + key for key in (*chosen, *candidates))
    return msgspec.structs.replace(request, facets=tuple(name for name in names if name not in request.facets))


def useful_facets(counted: Iterable[tuple[Facet, Mapping[str, Any]]]) -> list[Facet]:
    """Leave out the facets whose values do not tell products apart, unless something is chosen in them."""
    return [facet for facet, counts in counted if _is_chosen(facet) or _tells_apart(counts)][:MOST_FACETS]


def _is_chosen(facet: Facet) -> bool:
    return any(value.selected for value in facet.values)


def _tells_apart(counts: Mapping[str, Any]) -> bool:
    found = [bucket["doc_count"] for bucket in counts["values"]["buckets"]]
    everything = sum(found) + counts["values"]["sum_other_doc_count"]
    return len(found) > 1 and sum(found[:FIRST_VALUES]) >= LEAST_COVERED * everything
