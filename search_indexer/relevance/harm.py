"""What a change of synonyms or rules does to queries that it may not have been meant for; pure but for the asking.

Each query is asked under what is in effect and under what is proposed. It is harmed when it loses its hits, or most of
its first ten, and does so also compared with the search alone, without synonyms and rules: so going back to less is
never harm. How many queries may be harmed says whether the change as a whole is refused: the limits below.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Literal, NamedTuple

import msgspec

from search_indexer.query.answers import SearchAnswer
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising
from search_indexer.query.requests import SearchRequest
from search_indexer.relevance.measured_search import QueryScore, Ranker, measure_judgments
from search_indexer.relevance.preview import QueryPreview, compared, comparison

FIRST_HITS = 10
LEAST_KEPT = 0.5
"""The share of a query's first hits that must stay among its first hits, in any order."""

MOST_EMPTIED = 0.02
MOST_DISPLACED = 0.2
FEW_DISPLACED = 2
"""Queries that may be displaced however few are asked: moving hits is what synonyms and rules are for."""

MOST_JUDGED_LOST = 0.02
"""How far NDCG@10 of the judged queries may fall: about what one query of fifty losing everything comes to."""

MOST_NAMED = 20
AT_ONCE = 4

Code = Literal["lost_results", "lost_first_hits", "judged_worse"]
Ask = Callable[[SearchRequest, Merchandising, datetime], Awaitable[SearchAnswer]]
"""A SearchReader's `search`."""


class Questions(NamedTuple):
    """What is asked: queries that shoppers typed, and queries with the grade of each judged SKU."""

    logged: Sequence[str]
    judgments: Mapping[str, Mapping[str, int]]


class Harm(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that a change passes: `found` of `asked` queries where `allowed` may be, or NDCG@10 below `allowed`."""

    code: Code
    found: float
    allowed: float
    asked: int
    queries: list[QueryPreview]


class Change(NamedTuple):
    """From what is in effect to what is proposed, at a moment."""

    saved: Merchandising
    proposed: Merchandising
    now: datetime


class Outcome(NamedTuple):
    """One query before and after the change; `plain` is the search alone, asked only where the change does much."""

    query: str
    before: SearchAnswer
    after: SearchAnswer
    plain: SearchAnswer

    def is_emptied(self) -> bool:
        """Whether only the change leaves it without hits; who is sent elsewhere needs none."""
        is_empty = not self.after.count and self.after.redirect is None
        return is_empty and bool(self.before.count and self.plain.count)

    def is_displaced(self) -> bool:
        """Whether most of its first hits are others than before, and others than the search alone would give."""
        return all(kept(other, self.after) < LEAST_KEPT for other in (self.before, self.plain))


def kept(before: SearchAnswer, after: SearchAnswer) -> float:
    """Give the share of the first ten hits that stay among the first ten; all of none."""
    old, new = ({hit.id for hit in answer.hits[:FIRST_HITS]} for answer in (before, after))
    return len(old & new) / len(old) if old else 1.0


async def find_harm(ask: Ask, questions: Questions, change: Change) -> list[Harm]:
    """Ask everything, a few at a time, and give each limit that the change passes; raises what `ask` raises.

    By words alone: the nearest by meaning do not depend on synonyms, and would hide what those do.
    """
    outcomes = await _each(questions.logged, lambda query: _outcome(ask, query, change))
    return [*logged_harm(outcomes), *await _judged_harm(ask, questions.judgments, change)]


def logged_harm(outcomes: Sequence[Outcome]) -> list[Harm]:
    """Count the harmed queries against their limits."""
    asked = len(outcomes)
    emptied = [each for each in outcomes if each.is_emptied()]
    displaced = [each for each in outcomes if each.after.count and each.is_displaced()]
    counted: list[tuple[Code, list[Outcome], int]] = [
        ("lost_results", emptied, int(MOST_EMPTIED * asked)),
        ("lost_first_hits", displaced, max(FEW_DISPLACED, int(MOST_DISPLACED * asked))),
    ]
    return [
        Harm(code=code, found=len(found), allowed=allowed, asked=asked, queries=[_told(each) for each in found])
        for code, found, allowed in counted
        if len(found) > allowed
    ]


async def _outcome(ask: Ask, query: str, change: Change) -> Outcome:
    request = msgspec.structs.replace(comparison(query), mode="lexical")
    before = await ask(request, change.saved, change.now)
    outcome = Outcome(query, before, await ask(request, change.proposed, change.now), before)
    if outcome.is_emptied() or outcome.is_displaced():
        return outcome._replace(plain=await ask(request, NO_MERCHANDISING, change.now))
    return outcome


async def _judged_harm(ask: Ask, judgments: Mapping[str, Mapping[str, int]], change: Change) -> list[Harm]:
    before, after, plain = [
        await measure_judgments(_ranker(ask, merchandising, change.now), judgments)
        for merchandising in (change.saved, change.proposed, NO_MERCHANDISING)
    ]
    if not after:
        return []
    allowed = min(_mean(before), _mean(plain)) - MOST_JUDGED_LOST
    if _mean(after) >= allowed:
        return []
    lost = sorted(zip(before, after, strict=True), key=lambda pair: pair[1].strict - pair[0].strict)
    worse = [new.query for old, new in lost if new.strict < old.strict][:MOST_NAMED]
    named = await _each(worse, lambda query: _outcome(ask, query, change))
    queries = [_told(each) for each in named]
    return [Harm(code="judged_worse", found=_mean(after), allowed=allowed, asked=len(after), queries=queries)]


def _ranker(ask: Ask, merchandising: Merchandising, now: datetime) -> Ranker:
    async def search(request: SearchRequest) -> SearchAnswer:
        return await ask(request, merchandising, now)

    return Ranker(search, "lexical")


def _mean(scores: Sequence[QueryScore]) -> float:
    return fmean(score.strict for score in scores)


def _told(outcome: Outcome) -> QueryPreview:
    return compared(outcome.query, outcome.before, outcome.after)


async def _each(queries: Sequence[str], one: Callable[[str], Awaitable[Outcome]]) -> list[Outcome]:
    places = asyncio.Semaphore(AT_ONCE)

    async def placed(query: str) -> Outcome:
        async with places:
            return await one(query)

    return list(await asyncio.gather(*(placed(query) for query in queries)))
