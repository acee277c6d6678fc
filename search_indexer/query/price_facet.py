"""The price facet: a histogram over fixed edges, of which as many become ranges as suit the prices found; pure.

Every edge is of one ladder, the same for every search, so that a range in a link means the same for ever. Which of
the edges stand between ranges follows from the prices found without the price filter, so choosing a range does not
move the others.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import msgspec

from search_indexer.query.answers import Facet, FacetValue

LEVELS = ((10, 15, 20, 30, 40, 50, 60, 80), (10, 20, 30, 50), (10, 20, 50), (10, 50), (10,))
"""First digits of edges, finest first; each level's are among the first's."""

DECADES = range(1, 9)
"""Powers of ten: edges from 100 to 8,000,000,000 minor units; the ranges at both ends hold what is beyond."""

MOST_RANGES = 8
LEAST_SHARE = 0.05
"""Of the products found: so many at least are below the lowest edge and above the highest."""

PriceRange = tuple[int | None, int | None]


def _edges(digits: Sequence[int]) -> list[int]:
    return [digit * 10**decade for decade in DECADES for digit in digits]


EDGES = _edges(LEVELS[0])
LADDERS = [frozenset(_edges(level)) for level in LEVELS]

HISTOGRAM: dict[str, Any] = {
    "histogram": {
        "range": {
            "field": "price_minor",
            "ranges": [
                {"to": EDGES[0]},
                *({"from": low, "to": high} for low, high in pairwise(EDGES)),
                {"from": EDGES[-1]},
            ],
        }
    },
    "lowest": {"min": {"field": "price_minor"}},
    "highest": {"max": {"field": "price_minor"}},
}


def ranges_facet(counts: Mapping[PriceRange, int]) -> Facet:
    """Make a facet of ranges that were counted by themselves."""
    return Facet(name="price", type="ranges", values=[_bucket(*each, selected=False) for each in counts.items()])


def recounted(facet: Facet, second: Facet) -> Facet:
    """Give the facet with the counts of the second one, which has the same ranges in the same order."""
    pairs = zip(facet.values, second.values, strict=True)
    values = [msgspec.structs.replace(each, count=counted.count) for each, counted in pairs]
    return msgspec.structs.replace(facet, values=values)


def fitted_ranges(counts: Sequence[int]) -> list[PriceRange]:
    """Give the ranges, both ends inclusive and without gaps, for so many products between the EDGES each.

    The finest level that makes at most MOST_RANGES of them decides; no range is empty, and without any product there
    is none.
    """
    below = dict(zip(EDGES, accumulate(counts), strict=False))
    everything = sum(counts)
    least = max(1, LEAST_SHARE * everything)
    useful = [edge for edge in EDGES if least <= below[edge] <= everything - least]
    levels = [_telling([edge for edge in useful if edge in ladder], below) for ladder in LADDERS]
    inner = next((edges for edges in levels if len(edges) < MOST_RANGES), levels[-1][: MOST_RANGES - 1])
    if inner:
        return _ranges([0, *inner, None])
    return _ranges(_around(below, everything)) if everything else []


def price_facet(counted: Mapping[str, Any], chosen: Mapping[PriceRange, int]) -> Facet:
    """Read the facet with the lowest and the highest price found."""
    lowest, highest = (counted[end]["value"] for end in ("lowest", "highest"))
    return Facet(
        name="price",
        type="ranges",
        values=_values(counted, chosen),
        lowest_minor=None if lowest is None else int(lowest),
        highest_minor=None if highest is None else int(highest),
    )


def _values(counted: Mapping[str, Any], chosen: Mapping[PriceRange, int]) -> list[FacetValue]:
    """Read the buckets, cheapest first; `chosen` maps the range asked for to its count."""
    found = [int(bucket["doc_count"]) for bucket in counted["histogram"]["buckets"]]
    counts = {each: _between(found, each) for each in fitted_ranges(found)} | dict(chosen)
    ordered = sorted(counts, key=lambda each: (each[0] or 0, each[1] is None, each[1] or 0))
    return [_bucket(each, counts[each], selected=each in chosen) for each in ordered]


def price_value(each: PriceRange) -> str:
    """Write a range of minor units as "1000-2499", open ends empty; `api` gives it a label in money."""
    return "-".join("" if bound is None else str(bound) for bound in each)


def _telling(edges: Sequence[int], below: Mapping[int, int]) -> list[int]:
    """Of edges with nothing between them keep the roundest."""
    roundest: dict[int, int] = {}
    for edge in edges:
        rival = roundest.setdefault(below[edge], edge)
        roundest[below[edge]] = max(rival, edge, key=_roundness)
    return list(roundest.values())


def _roundness(edge: int) -> int:
    return sum(edge in ladder for ladder in LADDERS)


def _around(below: Mapping[int, int], everything: int) -> list[int | None]:
    """Give the two edges that all products lie between."""
    low = max((edge for edge in EDGES if not below[edge]), default=0)
    return [low, next((edge for edge in EDGES if below[edge] == everything), None)]


def _ranges(edges: Sequence[int | None]) -> list[PriceRange]:
    return [(low, None if high is None else high - 1) for low, high in pairwise(edges)]


def _bucket(each: PriceRange, count: int, *, selected: bool) -> FacetValue:
    text = price_value(each)
    return FacetValue(value=text, label=text, count=count, selected=selected, from_minor=each[0], to_minor=each[1])


def _between(found: Sequence[int], each: PriceRange) -> int:
    """Add up the products of a range whose ends are edges."""
    low, high = each
    start = bisect_right(EDGES, low) if low else 0
    end = len(found) if high is None else bisect_right(EDGES, high) + 1
    return sum(found[start:end])
