from collections.abc import Mapping, Sequence
from typing import Any

from search_indexer.query.climb import answer_from_ladder
from search_indexer.query.query_builder import Body
from search_indexer.query.requests import SearchRequest


def part(total: int) -> Mapping[str, Any]:
    return {"hits": {"total": {"value": total}, "hits": []}}


class Recorded:
    """Answers each round trip with the totals given for it, and keeps how many bodies each had."""

    def __init__(self, *trips: Sequence[int]) -> None:
        self.trips = list(trips)
        self.sizes: list[int] = []

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        self.sizes.append(len(bodies))
        totals = self.trips.pop(0)
        assert len(totals) == len(bodies)
        return [part(total) for total in totals]


async def test_a_usual_search_is_one_body() -> None:
    asked = Recorded([3])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="hdmi cable"))
    assert (answer.answered_by, answer.count, asked.sizes) == ("all_words", 3, [1])


async def test_browsing_needs_no_rung_below_it() -> None:
    asked = Recorded([0])
    answer = await answer_from_ladder(asked.ask, SearchRequest(brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("browse", 0)


async def test_an_identifier_is_answered_as_such() -> None:
    answer = await answer_from_ladder(Recorded([2, 1]).ask, SearchRequest(q="A-17"))
    assert (answer.answered_by, answer.count) == ("exact", 2)


async def test_filters_that_leave_nothing_do_not_change_the_rung() -> None:
    answer = await answer_from_ladder(Recorded([0, 9]).ask, SearchRequest(q="hdmi cable", brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("all_words", 0)


async def test_the_first_lower_rung_that_matches_answers() -> None:
    asked = Recorded([0], [0, 5, 0])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="hdmi cabel"))
    assert (answer.answered_by, answer.count, asked.sizes) == ("fuzzy", 5, [1, 3])


async def test_when_no_rung_matches_the_answer_says_so() -> None:
    answer = await answer_from_ladder(Recorded([0], [0, 0, 0]).ask, SearchRequest(q="zzz qqq"))
    assert (answer.answered_by, answer.count) == ("none", 0)
