from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from search_indexer.query.climb import answer_from_ladder
from search_indexer.query.query_builder import ENOUGH, RARE, Body
from search_indexer.query.requests import SearchRequest

MANY = ENOUGH


def part(total: int, suggest: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"hits": {"total": {"value": total}, "hits": []}, "suggest": suggest}


class Recorded:
    """Answers each round trip with the totals given for it, and keeps how many bodies each had."""

    def __init__(self, *trips: Sequence[int], correction: str | None = None) -> None:
        self.trips = list(trips)
        self.correction = correction
        self.sizes: list[int] = []

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        self.sizes.append(len(bodies))
        totals = self.trips.pop(0)
        assert len(totals) == len(bodies)
        return [part(total, self._suggest(body)) for total, body in zip(totals, bodies, strict=True)]

    def _suggest(self, body: Body) -> Mapping[str, Any]:
        if "suggest" not in body or self.correction is None:
            return {}
        text = body["suggest"]["words"]["text"]
        option = {"text": self.correction, "score": 0.8, "freq": 9}
        return {"words": [{"text": text, "offset": 0, "length": len(text), "options": [option]}]}


async def test_a_usual_search_is_one_body() -> None:
    asked = Recorded([MANY])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="hdmi cable"))
    assert (answer.answered_by, answer.count, asked.sizes) == ("all_words", MANY, [1])


async def test_browsing_needs_no_rung_below_it() -> None:
    asked = Recorded([0])
    answer = await answer_from_ladder(asked.ask, SearchRequest(brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("browse", 0)


async def test_an_identifier_is_answered_as_such() -> None:
    answer = await answer_from_ladder(Recorded([2, 1]).ask, SearchRequest(q="A-17"))
    assert (answer.answered_by, answer.count) == ("exact", 2)


async def test_filters_that_leave_nothing_do_not_change_the_rung() -> None:
    answer = await answer_from_ladder(Recorded([0, MANY]).ask, SearchRequest(q="hdmi cable", brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("all_words", 0)


async def test_few_answers_of_usual_words_are_widened() -> None:
    asked = Recorded([2], [30, RARE + 1, RARE + 1])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="gaming laptop"))
    assert (answer.answered_by, answer.count, asked.sizes) == ("most_words", 30, [1, 3])


async def test_a_rare_word_says_that_exactly_the_few_are_meant() -> None:
    answer = await answer_from_ladder(Recorded([1], [30, RARE + 1, RARE]).ask, SearchRequest(q="lantern velvoria"))
    assert (answer.answered_by, answer.count) == ("all_words", 1)


async def test_widening_that_adds_nothing_is_not_called_so() -> None:
    answer = await answer_from_ladder(Recorded([4], [4, 5, 5]).ask, SearchRequest(q="usb cable"))
    assert (answer.answered_by, answer.count) == ("all_words", 4)


async def test_filters_do_not_decide_whether_an_answer_is_widened() -> None:
    asked = Recorded([0, 2], [3, MANY, 5, 5])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="gaming laptop", brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("most_words", 3)


async def test_few_answers_of_one_word_stay_as_they_are() -> None:
    answer = await answer_from_ladder(Recorded([1, 0]).ask, SearchRequest(q="velvoria"))
    assert (answer.answered_by, answer.count) == ("all_words", 1)


async def test_words_that_no_product_has_are_searched_as_they_are_probably_meant() -> None:
    asked = Recorded([0, 0], [0], [7, 5, 9], correction="cable")
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="cabel"))
    assert (answer.answered_by, answer.count, answer.did_you_mean) == ("fuzzy", 7, "cable")
    assert asked.sizes == [2, 1, 3]


@pytest.mark.parametrize(("totals", "answered_by", "count"), [([5, 9, 9], "most_words", 5), ([0, 4, 9], "fuzzy", 4)])
async def test_the_first_lower_rung_that_matches_answers(totals: list[int], answered_by: str, count: int) -> None:
    answer = await answer_from_ladder(Recorded([0], [0], totals).ask, SearchRequest(q="hdmi cabel"))
    assert (answer.answered_by, answer.count, answer.did_you_mean) == (answered_by, count, None)


async def test_when_no_rung_matches_the_answer_says_so() -> None:
    answer = await answer_from_ladder(Recorded([0], [0], [0, 0, 0]).ask, SearchRequest(q="zzz qqq"))
    assert (answer.answered_by, answer.count) == ("none", 0)
