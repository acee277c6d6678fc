from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from search_indexer.query.explaining.case import Case
from search_indexer.query.explaining.explained import explained
from search_indexer.query.explaining.questions import Facts, ReadText
from search_indexer.query.requests import RESULT_WINDOW, SearchRequest
from search_indexer.query.rules import NOTHING_APPLIED, Rule, RuleFilter
from search_indexer.storage.product_state import ProductState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STATE = ProductState("S", "Lamp", 2, deleted=False, updated_at=NOW, age_ms=2_100, waits_for_relay=False)
DOCUMENT = {"id": 7, "version": 2, "deleted": False, "brand": "Lumo", "price_minor": 500, "currency": "USD"}
FACTS = Facts(document=DOCUMENT, held=frozenset({("wording", 0)}), score=3.0, rank=21, leader=7, count=30)


def case(**changes: Any) -> Case:
    facts = {name: changes.pop(name) for name in ("document", "held", "rank", "count", "leader") if name in changes}
    usual = Case(
        product_id=7,
        request=SearchRequest(q="desk lamp"),
        state=STATE,
        newest=NOW,
        rules=[],
        applied=NOTHING_APPLIED,
        read=ReadText(["desk lamp"], "all_words"),
        answered_by="all_words",
        did_you_mean=None,
        facts=msgspec.structs.replace(FACTS, **facts),
    )
    return msgspec.structs.replace(usual, **changes)


def test_a_product_among_the_hits_is_told_its_place_and_page() -> None:
    told = explained(case())
    assert (told.outcome, told.fell_out_at, told.page) == ("ranked", None, 2)
    assert told.summary == "Place 21 of 30 by relevance, on page 2."


def test_a_variant_has_the_place_of_its_group_and_is_told_who_stands_there() -> None:
    told = explained(case(leader=9))
    assert (told.outcome, told.rank, told.shown_as) == ("ranked", 21, 9)
    assert told.summary.endswith("Product 9 stands there for its variants.")
    request = SearchRequest(q="desk lamp", brand=["Ignis"])
    filtered = explained(case(leader=9, request=request))
    assert (filtered.outcome, filtered.rank, filtered.shown_as) == ("filtered_out", None, None)


def test_the_first_stage_that_was_not_passed_decides_and_the_others_are_told_too() -> None:
    told = explained(case(held=frozenset(), rank=None, rules=[Rule(id=12, query="lamp", hide=[7])]))
    assert (told.outcome, told.fell_out_at) == ("not_matched", "matched")
    assert [stage.passed for stage in told.stages] == [True, True, True, False, False, True, None]


@pytest.mark.parametrize(
    ("age_ms", "is_waiting", "newest", "outcome", "where"),
    [
        (2_100, True, NOW + timedelta(hours=1), "not_indexed", "relay"),
        (2_100, False, NOW + timedelta(hours=1), "not_indexed", "yet to be indexed"),
        (60_000, False, NOW - timedelta(hours=1), "not_indexed", "yet to be indexed"),
        (60_000, False, NOW + timedelta(hours=1), "missing_from_index", "audit --repair"),
    ],
)
def test_an_absent_product_is_on_its_way_until_the_index_has_passed_it_over(
    age_ms: int,
    is_waiting: bool,  # noqa: FBT001 - one column of the table
    newest: datetime,
    outcome: str,
    where: str,
) -> None:
    state = STATE._replace(age_ms=age_ms, waits_for_relay=is_waiting)
    told = explained(case(state=state, newest=newest, document=None, rank=None))
    assert (told.outcome, told.lag_ms) == (outcome, age_ms)
    assert told.summary.startswith(f"Not indexed yet: lag {age_ms / 1000:.1f} s.")
    assert where in told.summary


def test_stock_is_told_from_other_filters() -> None:
    request = SearchRequest(q="desk lamp", in_stock=True, store_id=4, brand=["Ignis"])
    told = explained(case(request=request, rank=None))
    assert [(reason.code, reason.filter) for reason in told.stages[5].reasons] == [
        ("filtered_out", "brand"),
        ("out_of_stock", "in_stock"),
    ]
    empty = SearchRequest(q="desk lamp", in_stock=False)
    assert explained(case(request=empty, rank=None)).summary == "Chosen is what is out of stock; it has no stock."


def test_a_rule_that_narrows_says_what_it_leaves() -> None:
    narrowing = Rule(id=5, query="lamp", filter=RuleFilter(price_min_minor=600, attributes={"colour": ["Red"]}))
    told = explained(case(rules=[narrowing], rank=None))
    assert [reason.message for reason in told.stages[4].reasons] == [
        "Rule 5 (for “lamp”) leaves only a price from 6.00 USD; it has a price of 5.00 USD.",
        "Rule 5 (for “lamp”) leaves only colour “Red”; it has colour none.",
    ]


def test_a_place_beyond_the_pages_is_told_from_an_index_that_moved() -> None:
    assert explained(case(rank=None, count=RESULT_WINDOW + 1)).outcome == "beyond_reach"
    assert explained(case(rank=None)).outcome == "index_moved"


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("most_words", "one word may be missing"),
        ("nearly_spelt", "spelt nearly"),
        ("shared_letters", "too few letters"),
    ],
)
def test_each_way_of_matching_has_its_own_reason(way: Any, words: str) -> None:
    told = explained(case(read=ReadText(["desk lamp"], way), held=frozenset(), rank=None))
    assert words in told.summary
    assert told.stages[3].reasons[0].words == ["desk", "lamp"]
