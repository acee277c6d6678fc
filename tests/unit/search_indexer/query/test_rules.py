from datetime import UTC, datetime, timedelta

import pytest

from search_indexer.query.rules import (
    MOST_PINS,
    NOTHING_APPLIED,
    Rule,
    RuleFilter,
    applied_rules,
    is_active,
    rule_table,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("query", "match", "typed", "holds"),
    [
        ("usb cable", "exact", "USB  Cables", True),
        ("usb cable", "exact", "usb cable long", False),
        ("usb cable", "contains", "long usb cable black", True),
        ("usb cable", "contains", "usb long cable", False),
        ("able", "contains", "cable", False),
        ("--", "contains", "--", False),
    ],
)
def test_rules_hold_for_whole_words(query: str, match: str, typed: str, *, holds: bool) -> None:
    rule = Rule(id=1, query=query, match="exact" if match == "exact" else "contains", pin=[5])
    assert bool(applied_rules(typed, rule_table([rule]), NOW).rules) == holds


@pytest.mark.parametrize(
    ("begins", "ends", "holds"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + HOUR, None, False),
        (None, NOW, False),
        (NOW - HOUR, NOW + HOUR, True),
    ],
)
def test_rules_hold_in_their_window(begins: datetime | None, ends: datetime | None, *, holds: bool) -> None:
    rule = Rule(id=1, query="usb", redirect="/usb", active_from=begins, active_until=ends)
    assert is_active(rule, NOW) == holds
    assert applied_rules("usb", rule_table([rule]), NOW).redirect == ("/usb" if holds else None)


def test_rules_add_up_in_the_order_of_the_list() -> None:
    rules = [
        Rule(id=9, query="usb", match="contains", pin=[1, 2], bury=[3], redirect=None),
        Rule(id=4, query="cable", match="contains", pin=[3, 1], bury=[2, 7], redirect="/cables"),
        Rule(id=5, query="usb cable", hide=[8], redirect="/other", filter=RuleFilter(brand=["HP"], in_stock=True)),
    ]
    applied = applied_rules("usb cable", rule_table(rules), NOW)
    assert (applied.rules, applied.pins, applied.buried) == ((9, 4, 5), (1, 2, 3), (7,))
    assert applied.redirect == "/cables"
    assert applied.clauses == (
        {"bool": {"must_not": [{"terms": {"id": [8]}}]}},
        {"terms": {"brand": ["HP"]}},
        {"exists": {"field": "in_stock_store_ids"}},
    )


def test_pins_are_bounded() -> None:
    rules = [Rule(id=each, query="usb", pin=list(range(each * 30, each * 30 + 30))) for each in (1, 2)]
    assert len(applied_rules("usb", rule_table(rules), NOW).pins) == MOST_PINS


def test_most_texts_have_no_rule() -> None:
    table = rule_table([Rule(id=1, query="usb", pin=[1])])
    assert applied_rules("hdmi", table, NOW) is NOTHING_APPLIED
    assert applied_rules("", table, NOW) is NOTHING_APPLIED
