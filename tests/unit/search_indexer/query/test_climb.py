import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from search_indexer.query.pages import answer_from_ladder
from search_indexer.query.query_builder import ENOUGH, RARE, Body
from search_indexer.query.requests import SearchRequest

MANY = ENOUGH


VECTOR = [1.0]


def part(total: int, suggest: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"hits": {"total": {"value": total}, "hits": []}, "suggest": suggest}


def meaning(_: str) -> list[float]:
    return VECTOR


def has_nearest(body: Body) -> bool:
    return '"knn"' in json.dumps(body["query"])


class Recorded:
    """Answers each round trip with the totals given for it, and keeps how many bodies each had."""

    def __init__(self, *trips: Sequence[int], correction: str | None = None) -> None:
        self.trips = list(trips)
        self.correction = correction
        self.sizes: list[int] = []
        self.bodies: list[Body] = []

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        self.sizes.append(len(bodies))
        self.bodies += bodies
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


HYBRID = SearchRequest(q="gaming laptop", mode="hybrid")


async def test_a_hybrid_search_asks_for_the_set_the_nearest_and_what_the_words_match() -> None:
    asked = Recorded([60, 50, MANY], [60])
    answer = await answer_from_ladder(asked.ask, HYBRID, meaning=meaning)
    assert (answer.answered_by, answer.count, answer.place.has_nearest) == ("all_words", 60, True)
    assert [has_nearest(body) for body in asked.bodies[:3]] == [True, True, False]


async def test_a_lexical_search_has_no_nearest() -> None:
    asked = Recorded([MANY])
    await answer_from_ladder(asked.ask, SearchRequest(q="gaming laptop"), meaning=meaning)
    assert not any(map(has_nearest, asked.bodies))


async def test_a_model_number_has_no_nearest() -> None:
    asked = Recorded([MANY, 0])
    await answer_from_ladder(asked.ask, SearchRequest(q="c4872b", mode="hybrid"), meaning=meaning)
    assert not any(map(has_nearest, asked.bodies))


async def test_other_orders_are_of_the_whole_set_in_one_ranking() -> None:
    asked = Recorded([60, MANY])
    request = SearchRequest(q="gaming laptop", mode="hybrid", sort="price")
    answer = await answer_from_ladder(asked.ask, request, meaning=meaning)
    assert (answer.count, answer.head, [has_nearest(body) for body in asked.bodies]) == (60, [], [True, False])


async def test_few_by_words_are_answered_with_the_nearest_and_not_widened() -> None:
    asked = Recorded([52, 50, 2], [2, 1, RARE + 1, RARE + 1], [52])
    answer = await answer_from_ladder(asked.ask, HYBRID, meaning=meaning)
    assert (answer.answered_by, answer.count, answer.place.has_nearest) == ("all_words", 52, True)


async def test_a_rare_word_keeps_the_nearest_out() -> None:
    asked = Recorded([52, 50, 2], [2, 1, RARE + 1, RARE])
    answer = await answer_from_ladder(asked.ask, HYBRID, meaning=meaning)
    assert (answer.answered_by, answer.count, answer.place.has_nearest) == ("all_words", 2, False)


async def test_where_nothing_is_near_few_are_widened_as_without_meaning() -> None:
    asked = Recorded([2, 0, 2], [2, 0, RARE + 1, RARE + 1], [30, RARE + 1, RARE + 1])
    answer = await answer_from_ladder(asked.ask, HYBRID, meaning=meaning)
    assert (answer.answered_by, answer.count, answer.place.step) == ("most_words", 30, 1)


async def test_an_identifier_is_answered_by_words_alone() -> None:
    asked = Recorded([51, 50, 1, 1], [1])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="lantern", mode="hybrid"), meaning=meaning)
    assert (answer.answered_by, answer.count) == ("exact", 1)
    assert not has_nearest(asked.bodies[-1])


async def test_meaning_alone_answers_when_no_rung_matches_whatever_was_chosen() -> None:
    request = SearchRequest(q="zzz qqq", mode="hybrid", brand=["HP"])
    lower = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    answer = await answer_from_ladder(Recorded([0, 0, 0], [0], lower, [1]).ask, request, meaning=meaning)
    assert (answer.answered_by, answer.count) == ("meaning", 0)
    answer = await answer_from_ladder(Recorded([0, 0, 0], [0], lower, [0]).ask, request, meaning=meaning)
    assert answer.answered_by == "none"


async def test_one_word_that_no_product_has_is_a_slip_and_has_no_meaning() -> None:
    asked = Recorded([0, 0, 0, 0], [0], [0, 0])
    answer = await answer_from_ladder(asked.ask, SearchRequest(q="zzzqq", mode="hybrid"), meaning=meaning)
    assert answer.answered_by == "none"
    assert not any(has_nearest(body) for body in asked.bodies[5:])
