from datetime import UTC, datetime
from typing import Any

import pytest

from api.reading.merchandising import read_rules, read_sets
from order_service.errors import InvalidInput
from schemas.http_api.admin_search import RuleBody, RuleFilterBody, SynonymSetBody
from search_indexer.query.rules import RuleFilter


def faulty(found: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [fault.field for fault in found.value.faults]


def test_terms_without_words_repeated_and_too_long_ones_are_named() -> None:
    bodies = [
        SynonymSetBody(words=["tv", "TVs", "--"], from_="..."),
        SynonymSetBody(words=["tv", "television", "Television", "a b c d e f g h i"]),
        SynonymSetBody(words=["alone"]),
        SynonymSetBody(words=["tablets"], from_="tablet"),
    ]
    with pytest.raises(InvalidInput) as found:
        read_sets(bodies)
    assert faulty(found) == [
        "sets[0].from",
        "sets[0].words[1]",
        "sets[0].words[2]",
        "sets[1].words[2]",
        "sets[1].words[3]",
        "sets[2].words",
        "sets[3].words[0]",
    ]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "rules[0]"),
        ({"query": "--", "pin": [1]}, "rules[0].query"),
        ({"pin": [1], "bury": [1]}, "rules[0].bury"),
        ({"pin": [1], "hide": [1]}, "rules[0].hide"),
        ({"filter": RuleFilterBody()}, "rules[0].filter"),
        ({"filter": RuleFilterBody(price_min="9", price_max="1")}, "rules[0].filter.price_min"),
        (
            {
                "pin": [1],
                "active_from": datetime(2026, 1, 1, tzinfo=UTC),
                "active_until": datetime(2026, 1, 1, tzinfo=UTC),
            },
            "rules[0].active_until",
        ),
    ],
)
def test_rules_that_cannot_be_meant_are_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput) as found:
        read_rules([RuleBody(**{"id": 1, "query": "usb", **fields})], "USD")
    assert faulty(found) == [named]


def test_an_id_is_one_rules_only() -> None:
    with pytest.raises(InvalidInput) as found:
        read_rules([RuleBody(id=1, query="usb", pin=[1]), RuleBody(id=1, query="hdmi", pin=[1])], "USD")
    assert faulty(found) == ["rules[1].id"]


def test_amounts_become_minor_units() -> None:
    [rule] = read_rules([RuleBody(id=1, query="usb", filter=RuleFilterBody(price_max="12.5", brand=["HP"]))], "USD")
    assert rule.filter == RuleFilter(price_max_minor=1250, brand=["HP"])
