"""Which queries a change harms, and from how many on it is refused."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from search_indexer.query.answers import SearchAnswer
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.harm import Change, Outcome, Questions, find_harm, kept, logged_harm
from tests.unit.search_indexer.relevance.test_measured_search import HIT

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAVED = prepared([SynonymSet(words=["tv", "television"])], [])
PROPOSED = prepared([SynonymSet(words=["tv", "radio"])], [])
USUAL, OTHERS = list(range(1, 11)), list(range(11, 21))


def answer(ids: Sequence[int], redirect: str | None = None) -> SearchAnswer:
    hits = [msgspec.structs.replace(HIT, id=each, sku=str(each)) for each in ids]
    return SearchAnswer(count=len(hits), hits=hits, facets=[], answered_by="all_words", redirect=redirect)


def outcome(before: Sequence[int], after: Sequence[int], plain: Sequence[int], redirect: str | None = None) -> Outcome:
    return Outcome("tv", answer(before), answer(after, redirect), answer(plain))


def test_what_is_kept_counts_among_the_first_ten_in_any_order() -> None:
    assert kept(answer(USUAL), answer(USUAL[::-1])) == 1.0
    assert kept(answer(USUAL), answer([*OTHERS[:5], *USUAL])) == 0.5
    assert kept(answer([]), answer(OTHERS)) == 1.0


@pytest.mark.parametrize(
    ("found", "is_emptied"),
    [
        (outcome(USUAL, [], USUAL), True),
        (outcome(USUAL, [], USUAL, redirect="/tv"), False),
        (outcome(USUAL, [], []), False),
        (outcome([], [], USUAL), False),
        (outcome(USUAL, OTHERS, USUAL), False),
    ],
)
def test_a_query_is_emptied_only_by_the_change_and_with_nowhere_to_go(found: Outcome, *, is_emptied: bool) -> None:
    assert found.is_emptied() is is_emptied


@pytest.mark.parametrize(
    ("found", "is_displaced"),
    [
        (outcome(USUAL, OTHERS, USUAL), True),
        (outcome(USUAL, [*USUAL[:5], *OTHERS], USUAL), False),
        (outcome(OTHERS, USUAL, USUAL), False),
    ],
)
def test_a_query_is_displaced_unless_it_goes_back_to_the_search_alone(found: Outcome, *, is_displaced: bool) -> None:
    assert found.is_displaced() is is_displaced


@pytest.mark.parametrize(
    ("emptied", "displaced", "unharmed", "codes"),
    [
        (1, 0, 48, ["lost_results"]),
        (1, 0, 49, []),
        (0, 2, 0, []),
        (0, 3, 0, ["lost_first_hits"]),
        (0, 10, 40, []),
        (2, 11, 37, ["lost_results", "lost_first_hits"]),
    ],
)
def test_few_harmed_queries_are_what_steering_is_for_and_more_are_refused(
    emptied: int, displaced: int, unharmed: int, codes: list[str]
) -> None:
    found = logged_harm(
        [
            *[outcome(USUAL, [], USUAL)] * emptied,
            *[outcome(USUAL, OTHERS, USUAL)] * displaced,
            *[outcome(USUAL, USUAL, USUAL)] * unharmed,
        ]
    )
    assert [harm.code for harm in found] == codes
    assert all(len(harm.queries) == harm.found > harm.allowed for harm in found)


class Shop:
    """Answers each query with the ids given for what is in effect, what is proposed, and the search alone."""

    def __init__(self, answers: Mapping[str, tuple[Sequence[int], Sequence[int], Sequence[int]]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Merchandising]] = []

    async def ask(self, request: SearchRequest, merchandising: Merchandising, now: datetime) -> SearchAnswer:
        assert (request.mode, now) == ("lexical", NOW)
        self.asked.append((request.q, merchandising))
        return answer(self.answers[request.q][(SAVED, PROPOSED, NO_MERCHANDISING).index(merchandising)])

    async def harm(self, *logged: str, judgments: Mapping[str, Mapping[str, int]] | None = None) -> list[str]:
        found = await find_harm(self.ask, Questions(logged, judgments or {}), Change(SAVED, PROPOSED, NOW))
        return [harm.code for harm in found]


async def test_a_harmless_change_costs_two_searches_a_query() -> None:
    shop = Shop({"tv": (USUAL, USUAL, OTHERS)})
    assert await shop.harm("tv") == []
    assert shop.asked == [("tv", SAVED), ("tv", PROPOSED)]


async def test_judged_queries_that_are_answered_worse_are_named() -> None:
    shop = Shop({"tv": (USUAL, OTHERS, USUAL), "radio": (USUAL, USUAL, USUAL)})
    change = Change(SAVED, PROPOSED, NOW)
    [harm] = await find_harm(shop.ask, Questions([], {"tv": {"1": 3}, "radio": {"1": 3}}), change)
    assert (harm.code, harm.found, harm.asked) == ("judged_worse", 0.5, 2)
    assert [(preview.query, len(preview.moves)) for preview in harm.queries] == [("tv", 20)]
    assert await Shop({"tv": (USUAL, OTHERS, OTHERS)}).harm(judgments={"tv": {"1": 3}}) == []
