"""Asks every judged query and gives the table of measures; for `aisle evaluate-search` and the floor tests.

Asks through whatever searches (a SearchReader's `search` as a rule), a few at a time, without HTTP and its rate limits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from search_indexer.query.answers import SearchAnswer
from search_indexer.query.requests import Mode, SearchRequest
from search_indexer.relevance.evaluation import (
    CUTOFF,
    INTENDED_DEPTH,
    Estimate,
    estimate,
    fold_of,
    judged_only_ndcg,
    judged_share,
    reciprocal_rank,
    shared_hits,
    strict_ndcg,
)
from search_indexer.relevance.judgments import KnownItem, Typo

JUDGED_DEPTH = 100
"""Hits in which judged products are looked for; the longest page that the API serves."""

AT_ONCE = 4

Search = Callable[[SearchRequest], Awaitable[SearchAnswer]]
Item = TypeVar("Item")
Measured = TypeVar("Measured")


class Ranker(msgspec.Struct, frozen=True):
    """What is measured: something that searches, in one mode."""

    search: Search
    mode: Mode

    async def __call__(self, query: str, depth: int) -> list[str]:
        """Give the SKUs of the first hits; raises what `search` raises."""
        answer = await self.search(SearchRequest(q=query, page_size=depth, mode=self.mode, highlight=False))
        return [hit.sku for hit in answer.hits]


class QueryScore(msgspec.Struct, frozen=True):
    """How one judged query was answered."""

    query: str
    judged_only: float
    strict: float
    judged: float


class Measure(msgspec.Struct, frozen=True):
    """One line of the table: `folds` holds the mean of each query fold, in order, where it is given."""

    name: str
    estimate: Estimate
    folds: tuple[float, ...] = ()


async def measure_judgments(ranker: Ranker, judgments: Mapping[str, Mapping[str, int]]) -> list[QueryScore]:
    """Score every query that has a product with a gain; one without cannot be answered well or badly."""

    async def score(query: str) -> QueryScore:
        grades, ranking = judgments[query], await ranker(query, JUDGED_DEPTH)
        return QueryScore(
            query,
            judged_only_ndcg(ranking, grades),
            strict_ndcg(ranking, grades),
            judged_share(ranking, grades),
        )

    return await _each([query for query, grades in judgments.items() if any(grades.values())], score)


async def measure_known_items(ranker: Ranker, items: Sequence[KnownItem]) -> list[float]:
    """Give the reciprocal rank of each known item."""

    async def rank(item: KnownItem) -> float:
        return reciprocal_rank(await ranker(item.query, CUTOFF), item.sku)

    return await _each(items, rank)


async def measure_typos(ranker: Ranker, typos: Sequence[Typo]) -> list[tuple[float, bool]]:
    """Give for each misspelling the share of hits that the intended word finds, and whether there was no hit."""

    async def share(typo: Typo) -> tuple[float, bool]:
        typed = await ranker(typo.typed, CUTOFF)
        return shared_hits(typed, set(await ranker(typo.intended, INTENDED_DEPTH))), not typed

    return await _each(typos, share)


def judgment_measures(scores: Sequence[QueryScore]) -> list[Measure]:
    """Sum the judged queries up, with the mean of every fold."""
    return [
        _folded("judged-only NDCG@10", scores, lambda score: score.judged_only),
        _folded("NDCG@10, unjudged = 0", scores, lambda score: score.strict),
        _folded("judged@10", scores, lambda score: score.judged),
    ]


def known_item_measures(ranks: Sequence[float]) -> list[Measure]:
    """Sum the known items up."""
    return [Measure("known items MRR", estimate(ranks))]


def typo_measures(shares: Sequence[tuple[float, bool]]) -> list[Measure]:
    """Sum the misspellings up."""
    return [
        Measure("misspelt: share that the intended word finds", estimate([share for share, _ in shares])),
        Measure("misspelt: empty answers", estimate([float(empty) for _, empty in shares])),
    ]


def _folded(name: str, scores: Sequence[QueryScore], value: Callable[[QueryScore], float]) -> Measure:
    folds: dict[int, list[float]] = {}
    for score in scores:
        folds.setdefault(fold_of(score.query), []).append(value(score))
    means = tuple(sum(values) / len(values) for _, values in sorted(folds.items()))
    return Measure(name, estimate([value(score) for score in scores]), means)


async def _each(items: Iterable[Item], measure: Callable[[Item], Awaitable[Measured]]) -> list[Measured]:
    """Measure a few at a time, in order; the first failure ends it."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> Measured:
        async with places:
            return await measure(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
