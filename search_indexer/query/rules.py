"""Rules of staff: what to pin, bury, hide, filter by and where to send whoever types a query; pure.

`merchandising` applies them. Pins and buries change the order by relevance only; `hide` and `filter` change what the
text finds, whatever else is chosen, so that totals, facets and paging hold under them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from search_indexer.query.filters import Clause, chosen_filters
from search_indexer.query.folded_words import folded_words
from search_indexer.query.requests import SearchRequest

Match = Literal["exact", "contains"]

MOST_PINS = 40
"""Pins in effect for one query; more are left out, the last ones first."""


class RuleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule narrows a query to; the fields are those of a search."""

    brand: list[str] = []
    category: list[str] = []
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool | None = None
    attributes: dict[str, list[str]] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What holds when somebody types `query`, alone (exact) or among other words (contains).

    `pin`, `bury` and `hide` are products' ids. The rule holds from `active_from` on and before `active_until`.
    """

    id: int
    query: str
    match: Match = "exact"
    pin: list[int] = []
    bury: list[int] = []
    hide: list[int] = []
    filter: RuleFilter | None = None
    redirect: str | None = None
    active_from: datetime | None = None
    active_until: datetime | None = None


class RuleTable(NamedTuple):
    """Rules with their folded words and their place, by the first of the words."""

    by_first_word: dict[str, list[tuple[int, tuple[str, ...], Rule]]]


NO_RULES = RuleTable({})


class Applied(NamedTuple):
    """What all rules that hold for a text come to."""

    rules: tuple[int, ...] = ()
    pins: tuple[int, ...] = ()
    buried: tuple[int, ...] = ()
    clauses: tuple[Clause, ...] = ()
    redirect: str | None = None


NOTHING_APPLIED = Applied()


def rule_table(rules: Iterable[Rule]) -> RuleTable:
    """Sort the rules for looking them up; one without any word holds for nothing."""
    by_first_word: dict[str, list[tuple[int, tuple[str, ...], Rule]]] = {}
    for place, rule in enumerate(rules):
        words = folded_words(rule.query)
        if words:
            by_first_word.setdefault(words[0], []).append((place, words, rule))
    return RuleTable(by_first_word)


def applied_rules(text: str, table: RuleTable, now: datetime) -> Applied:
    """Bring together the rules that hold for a text at a moment, in the order in which staff listed them.

    The first redirect wins; a product that one rule pins is not buried by another; every filter must hold.
    """
    rules = holding_rules(text, table, now)
    if not rules:
        return NOTHING_APPLIED
    pins = tuple(dict.fromkeys(product for rule in rules for product in rule.pin))[:MOST_PINS]
    buried = dict.fromkeys(product for rule in rules for product in rule.bury if product not in pins)
    return Applied(
        rules=tuple(rule.id for rule in rules),
        pins=pins,
        buried=tuple(buried),
        clauses=tuple(clause for rule in rules for clause in rule_clauses(rule)),
        redirect=next((rule.redirect for rule in rules if rule.redirect), None),
    )


def rule_clauses(rule: Rule) -> list[Clause]:
    """Give the clauses that a rule narrows its query by."""
    clauses: list[Clause] = [{"bool": {"must_not": [{"terms": {"id": rule.hide}}]}}] if rule.hide else []
    return [*clauses, *rule_filters(rule).values()]


def rule_filters(rule: Rule) -> dict[str, Clause]:
    """Map the name of each filter of a rule to its clause."""
    if rule.filter is None:
        return {}
    return chosen_filters(SearchRequest(**msgspec.structs.asdict(rule.filter)))


def is_active(rule: Rule, now: datetime) -> bool:
    """Whether the moment lies in the rule's window."""
    has_begun = rule.active_from is None or rule.active_from <= now
    return has_begun and (rule.active_until is None or now < rule.active_until)


def holding_rules(text: str, table: RuleTable, now: datetime) -> list[Rule]:
    """Give the rules that hold for a text at a moment, in the order in which staff listed them."""
    if not table.by_first_word:
        return []
    words = folded_words(text)
    found = {place: rule for place, rule in _matching(words, table) if is_active(rule, now)}
    return [rule for _, rule in sorted(found.items())]


def _matching(words: tuple[str, ...], table: RuleTable) -> Iterator[tuple[int, Rule]]:
    for start, first in enumerate(words):
        for place, wanted, rule in table.by_first_word.get(first, ()):
            found = words == wanted if rule.match == "exact" else words[start : start + len(wanted)] == wanted
            if found:
                yield place, rule
