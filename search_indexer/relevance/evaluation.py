"""The measures of search quality and their intervals; pure, used by `aisle evaluate-search` and the floor tests.

NDCG after Järvelin & Kekäläinen (2002) with gain 2^grade − 1 and discount log2(rank + 1), cut at ten. Intervals by
the percentile bootstrap (Efron 1979) over queries, since queries are what another sample would change.
"""

from collections.abc import Collection, Mapping, Sequence
from math import log2
from random import Random
from zlib import crc32

import msgspec

CUTOFF = 10
"""Ranks that count: what a shopper sees without scrolling far."""

INTENDED_DEPTH = 50
"""Hits of the intended word among which those of its misspelling should be."""

RESAMPLES = 2_000
CONFIDENCE = 0.95
FOLDS = 5


class Estimate(msgspec.Struct, frozen=True):
    """A mean over `count` queries, with the bounds of its 95 % interval."""

    mean: float
    low: float
    high: float
    count: int


def judged_only_ndcg(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Give NDCG@10 of the ranking without its unjudged products; 0.0 when no judged product has a gain."""
    return _normalised([grades[each] for each in ranking if each in grades], grades)


def strict_ndcg(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Give NDCG@10 with every unjudged product counted as irrelevant."""
    return _normalised([grades.get(each, 0) for each in ranking], grades)


def judged_share(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Give the judged share of the first ten places, empty places counted as unjudged."""
    return sum(each in grades for each in ranking[:CUTOFF]) / CUTOFF


def reciprocal_rank(ranking: Sequence[str], wanted: str) -> float:
    """Give 1 / rank of the wanted product among the first ten, or 0.0."""
    first = ranking[:CUTOFF]
    return 1 / (first.index(wanted) + 1) if wanted in first else 0.0


def shared_hits(misspelt: Sequence[str], intended: Collection[str]) -> float:
    """Give the share of the misspelt word's first ten hits that the intended word finds; 0.0 without hits."""
    first = misspelt[:CUTOFF]
    return sum(each in intended for each in first) / len(first) if first else 0.0


def estimate(values: Sequence[float]) -> Estimate:
    """Give the mean and its interval; the same values always give the same interval. Takes at least one value."""
    chance = Random(0)  # noqa: S311 - resampling, not secrets; seeded so that a report can be repeated
    count = len(values)
    means = sorted(sum(chance.choices(values, k=count)) / count for _ in range(RESAMPLES))
    tail = round((1 - CONFIDENCE) / 2 * RESAMPLES)
    return Estimate(sum(values) / count, means[tail], means[-1 - tail], count)


def fold_of(query: str) -> int:
    """Put a query into one of the folds, by its text alone, so that a fold is the same in every run."""
    return crc32(query.encode()) % FOLDS


def _normalised(ordered: Sequence[int], grades: Mapping[str, int]) -> float:
    ideal = _discounted_gain(sorted(grades.values(), reverse=True))
    return _discounted_gain(ordered) / ideal if ideal else 0.0


def _discounted_gain(ordered: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(rank + 1) for rank, grade in enumerate(ordered[:CUTOFF], start=1))
