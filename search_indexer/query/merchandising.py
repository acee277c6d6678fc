"""Synonyms and rules in effect, applied to the rungs of the ladder; pure, used by the climb.

Everything happens within a rung's query, so hits, totals, facets, paging and the choice of the rung all see the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from search_indexer.query.answers import Place
from search_indexer.query.ladder import Near, Query, Rung, first_rung, is_identifier_like, spelling_rungs, widened_rung
from search_indexer.query.nearest import Meaning, nearest_query, unranked
from search_indexer.query.rules import NO_RULES, NOTHING_APPLIED, Applied, Rule, RuleTable, applied_rules, rule_table
from search_indexer.query.synonyms import NO_SYNONYMS, SynonymSet, SynonymTable, synonym_table, variants

SYNONYM_WEIGHT = 0.9
"""What was typed counts a little more than what may be meant."""

LAST_PIN = 1e5
"""Far above any score of the ladder, exact identifiers included."""

NEXT_PIN = 4.0
"""Each pin is so many times the next; factors on top of a score, popularity for one, stay below it."""

BURIED = 1e-9

LOWER = 2
"""Steps above the lower rungs: the first and the widened one."""


class Merchandising(NamedTuple):
    """What staff saved, prepared for looking up."""

    synonyms: SynonymTable = NO_SYNONYMS
    rules: RuleTable = NO_RULES


NO_MERCHANDISING = Merchandising()


def prepared(sets: Iterable[SynonymSet], rules: Iterable[Rule]) -> Merchandising:
    """Prepare both for looking up."""
    return Merchandising(synonym_table(sets), rule_table(rules))


class MerchandisedLadder(NamedTuple):
    """The rungs for one readable text under synonyms and rules; `applied` are the rules that hold for it.

    With a `meaning` each rung has the nearest products of the text too, unless the text says exactly what is meant.
    """

    text: str
    synonyms: SynonymTable
    applied: Applied
    meaning: Meaning | None = None

    def first(self) -> Rung:
        """Give the strictest rung."""
        return self._of([first_rung(each) for each in variants(self.text, self.synonyms)], self.text)

    def widened(self) -> Rung:
        """Give the rung that lets a word be missing."""
        return self._widened(self.text, self.text)

    def lower(self, corrected: str | None) -> list[Rung]:
        """Give the rungs for words that no product has together; `corrected` is what they may mean.

        Where a rung matches not all words of the corrected text, meaning is that of what was typed, which the model
        may know better than the catalogue does; a single word that no product has is taken for a slip.
        """
        rungs: list[Rung] = []
        if corrected:
            meant = [first_rung(each) for each in variants(corrected, self.synonyms)]
            rungs.append(self._of(meant, corrected)._replace(name="fuzzy"))
        if " " in self.text:
            rungs.append(self._widened(corrected or self.text, self.text))
        typed = self.text if " " in self.text else None
        return [*rungs, *(self._of([rung], typed) for rung in spelling_rungs(self.text))]

    def at(self, place: Place) -> Rung:
        """Give the rung that an answer was found on."""
        steps = [self.first, self.widened]
        rung = steps[place.step]() if place.step < LOWER else self.lower(place.meant)[place.step - LOWER]
        return rung if place.has_nearest else rung.by_words_alone()

    def _widened(self, text: str, meant: str) -> Rung:
        return self._of([widened_rung(each) for each in variants(text, self.synonyms)], meant)

    def _of(self, rungs: Sequence[Rung], meant: str | None) -> Rung:
        """Match what any of the rungs matches, the first a little above the others, under the rules.

        The nearest products are those of `meant`.
        """
        query = any_wording([each.query for each in rungs])
        texts = tuple(text for rung in rungs for text in rung.texts)
        return rungs[0]._replace(query=self._shaped(query), near=self._near(query, meant), texts=texts)

    def _near(self, query: Query, meant: str | None) -> Near | None:
        vector = self.meaning(meant) if self.meaning and meant and not is_identifier_like(meant) else None
        if vector is None:
            return None
        nearest = nearest_query(vector)
        either = {"bool": {"should": [query, unranked(nearest)], "minimum_should_match": 1}}
        return Near(order=narrowed(nearest, self.applied), joined=self._shaped(either), plain=nearest)

    def _shaped(self, query: Query) -> Query:
        return query if self.applied is NOTHING_APPLIED else shaped(query, self.applied)


def merchandised_ladder(
    text: str, merchandising: Merchandising, now: datetime, meaning: Meaning | None = None
) -> MerchandisedLadder:
    """Prepare the rungs for a readable text under synonyms and the rules that hold for it at that moment."""
    applied = applied_rules(text, merchandising.rules, now)
    return MerchandisedLadder(text, merchandising.synonyms, applied, meaning)


def narrowed(query: Query, applied: Applied) -> Query:
    """Narrow a query by the rules' clauses and leave its order alone."""
    return {"bool": {"must": [query], "filter": list(applied.clauses)}} if applied.clauses else query


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
