"""Synonyms and rules in effect, applied to the rungs of the ladder; pure, used by the climb.

Everything happens within a rung's query, so hits, totals, facets, paging and the choice of the rung all see the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from search_indexer.query.ladder import Rung, first_rung, spelling_rungs, widened_rung
from search_indexer.query.rules import NO_RULES, NOTHING_APPLIED, Applied, Rule, RuleTable, applied_rules, rule_table
from search_indexer.query.synonyms import NO_SYNONYMS, SynonymSet, SynonymTable, synonym_table, variants

SYNONYM_WEIGHT = 0.9
"""What was typed counts a little more than what may be meant."""

LAST_PIN = 1e5
"""Far above any score of the ladder, exact identifiers included."""

NEXT_PIN = 4.0
"""Each pin is so many times the next; factors on top of a score, popularity for one, stay below it."""

BURIED = 1e-9


class Merchandising(NamedTuple):
    """What staff saved, prepared for looking up."""

    synonyms: SynonymTable = NO_SYNONYMS
    rules: RuleTable = NO_RULES


NO_MERCHANDISING = Merchandising()


def prepared(sets: Iterable[SynonymSet], rules: Iterable[Rule]) -> Merchandising:
    """Prepare both for looking up."""
    return Merchandising(synonym_table(sets), rule_table(rules))


class MerchandisedLadder(NamedTuple):
    """The rungs for one readable text under synonyms and rules; `applied` are the rules that hold for it."""

    text: str
    synonyms: SynonymTable
    applied: Applied

    def first(self) -> Rung:
        """Give the strictest rung."""
        return self._of([first_rung(each) for each in variants(self.text, self.synonyms)])

    def widened(self) -> Rung:
        """Give the rung that lets a word be missing."""
        return self._widened(self.text)

    def lower(self, corrected: str | None) -> list[Rung]:
        """Give the rungs for words that no product has together; `corrected` is what they may mean."""
        rungs: list[Rung] = []
        if corrected:
            meant = [first_rung(each) for each in variants(corrected, self.synonyms)]
            rungs.append(self._of(meant)._replace(name="fuzzy"))
        if " " in self.text:
            rungs.append(self._widened(corrected or self.text))
        return [*rungs, *(self._of([rung]) for rung in spelling_rungs(self.text))]

    def _widened(self, text: str) -> Rung:
        return self._of([widened_rung(each) for each in variants(text, self.synonyms)])

    def _of(self, rungs: Sequence[Rung]) -> Rung:
        """Match what any of the rungs matches, the first a little above the others, under the rules."""
        query = any_wording([each.query for each in rungs])
        return rungs[0]._replace(query=query if self.applied is NOTHING_APPLIED else shaped(query, self.applied))


def merchandised_ladder(text: str, merchandising: Merchandising, now: datetime) -> MerchandisedLadder:
    """Prepare the rungs for a readable text under synonyms and the rules that hold for it at that moment."""
    return MerchandisedLadder(text, merchandising.synonyms, applied_rules(text, merchandising.rules, now))


def shaped(query: dict[str, Any], applied: Applied) -> dict[str, Any]:
    """Narrow a query by the rules' clauses, and score pins above and buried products below everything else."""
    if applied.buried:
        negative = {"terms": {"id": list(applied.buried)}}
        query = {"boosting": {"positive": query, "negative": negative, "negative_boost": BURIED}}
    if not applied.pins and not applied.clauses:
        return query
    pins = [
        {"constant_score": {"filter": {"term": {"id": product}}, "boost": LAST_PIN * NEXT_PIN**place}}
        for place, product in enumerate(reversed(applied.pins))
    ]
    return {"bool": {"must": [query], "should": pins, "filter": list(applied.clauses)}}


def any_wording(queries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Match what any of the queries matches; the first is of what was typed and counts a little more."""
    typed, *meant = queries
    weighted = [{"bool": {"must": [query], "boost": SYNONYM_WEIGHT}} for query in meant]
    return {"dis_max": {"queries": [typed, *weighted]}} if meant else typed
