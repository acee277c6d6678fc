"""Why queries found nothing, and what would help: each cause with a fix and its preview; called by the API.

- filtered_out: the words find products, the chosen filters left none of them; the fix is which filters not to offer
- found_now: products or synonyms came meanwhile, and the query finds something
- typo: spelt otherwise it finds products; the fix is a one-way synonym from what was typed
- missing_synonym: it finds products with one word replaced, by a clicked query's word or by the word split in two, or
  as the kind of thing that the nearest products by meaning are
- not_sold: none of these, nothing near it is in the shop; the fix is a rule that sends whoever types it elsewhere
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from order_service.database.engine import Database
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, rule_table
from search_indexer.query.synonyms import SynonymSet, synonym_table
from search_indexer.relevance.fixes import (
    NOTHING,
    Fix,
    attempts,
    dropping,
    drops,
    is_term,
    kind_attempts,
    redirect,
    without,
    wording,
)
from search_indexer.relevance.merchandising import read_rules, read_synonyms
from search_indexer.relevance.preview import QueryPreview, compared, comparison
from search_indexer.relevance.search_log import request_of
from search_indexer.storage.search_log import QueryRow, read_emptying_choices, read_emptying_filters, read_queries

Cause = Literal["filtered_out", "found_now", "typo", "missing_synonym", "not_sold"]

MOST_CLICKED = 500
MOST_TRIED = 12
NOTHING_FOUND = SearchAnswer(count=0, hits=[], facets=[], answered_by="none")


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One query's cause; `filters` are those that emptied it, `fix` would make it find what `preview` shows."""

    row: QueryRow
    cause: Cause
    filters: list[str] = []
    fix: Fix | None = None
    preview: QueryPreview | None = None


class Doctor(NamedTuple):
    """What a diagnosis needs: the reader, what staff saved, and queries that led to clicks."""

    reader: SearchReader
    sets: Sequence[SynonymSet]
    rules: Sequence[Rule]
    saved: Merchandising
    clicked: Sequence[str]
    now: datetime

    async def filtered_out(self, row: QueryRow, filters: list[str], chosen: Mapping[str, Any]) -> Diagnosis:
        """Find the filter without which the query finds most, or that it takes all; raises what the reader raises."""
        before = await self._shown(request_of(row.query, chosen))
        tried = [
            (len(dropped), -after.count, place, dropped, after)
            for place, dropped in enumerate(drops(chosen))
            if (after := await self._shown(request_of(row.query, without(chosen, dropped)))).count
        ]
        if not tried:
            return Diagnosis(row=row, cause="filtered_out", filters=filters)
        *_, dropped, after = min(tried)
        fix, preview = dropping(dropped, after.count), compared(row.query, before, after)
        return Diagnosis(row=row, cause="filtered_out", filters=filters, fix=fix, preview=preview)

    async def cause(self, row: QueryRow) -> Diagnosis:
        """Find why a query's words find nothing; raises what the reader raises."""
        before = await self._found(row.query)
        if before.count and before.answered_by != "fuzzy":
            return self._found_now(row, await self._shown(comparison(row.query)))
        if before.did_you_mean and await self._finds(before.did_you_mean):
            return await self._worded(row, "typo", SynonymSet(words=[before.did_you_mean], typed=row.query))
        if before.count:
            return self._found_now(row, await self._shown(comparison(row.query)))
        for attempt in list(attempts(row.query, self.clicked))[:MOST_TRIED]:
            if await self._finds(attempt.text):
                return await self._worded(row, "missing_synonym", attempt.fix)
        return await self._by_meaning(row)

    async def _by_meaning(self, row: QueryRow) -> Diagnosis:
        """Ask what is near by meaning: it has a kind that can be typed, or it is found now, or it is not sold."""
        near = await self._shown(msgspec.structs.replace(comparison(row.query), mode="hybrid"))
        for attempt in kind_attempts(row.query, near.hits)[:MOST_TRIED]:
            if await self._finds(attempt.text):
                return await self._worded(row, "missing_synonym", attempt.fix)
        if near.count:
            return self._found_now(row, near)
        fix = redirect(row.query, self.rules)
        if fix is None or fix.rule is None:
            return Diagnosis(row=row, cause="not_sold")
        proposed = self.saved._replace(rules=rule_table([*self.rules, fix.rule]))
        return await self._with_preview(row, "not_sold", fix, proposed)

    def _found_now(self, row: QueryRow, now: SearchAnswer) -> Diagnosis:
        return Diagnosis(row=row, cause="found_now", fix=NOTHING, preview=compared(row.query, NOTHING_FOUND, now))

    async def _worded(self, row: QueryRow, cause: Cause, fix: SynonymSet) -> Diagnosis:
        if not is_term(fix.typed or "") or not is_term(fix.words[0]):  # the cause stands without a fix
            return Diagnosis(row=row, cause=cause)
        proposed = self.saved._replace(synonyms=synonym_table([*self.sets, fix]))
        return await self._with_preview(row, cause, wording(fix), proposed)

    async def _with_preview(self, row: QueryRow, cause: Cause, fix: Fix, proposed: Merchandising) -> Diagnosis:
        before = await self._shown(comparison(row.query))
        after = await self.reader.search(comparison(row.query), proposed, self.now)
        return Diagnosis(row=row, cause=cause, fix=fix, preview=compared(row.query, before, after))

    async def _finds(self, text: str) -> bool:
        """Whether the text finds products as it is spelt."""
        found = await self._found(text)
        return found.count > 0 and found.answered_by in {"exact", "all_words"}

    async def _found(self, text: str) -> SearchAnswer:
        return await self._shown(SearchRequest(q=text, page_size=1, highlight=False))

    async def _shown(self, request: SearchRequest) -> SearchAnswer:
        return await self.reader.search(request, self.saved, self.now)


async def diagnose(
    database: Database, reader: SearchReader, *, days: int, page: int, page_size: int
) -> tuple[list[Diagnosis], int]:
    """Diagnose one page of the zero-result queries; gives the number of all too. Raises Unavailable and SearchError.

    Up to some thirty searches a query, one after the other: keep the page small.
    """
    rows, count = await read_queries(database, "zero_results", days=days, page=page, page_size=page_size)
    queries = [row.query for row in rows]
    filters = await read_emptying_filters(database, queries, days)
    chosen = await read_emptying_choices(database, queries, days)
    clicked, _ = await read_queries(database, "clicked", days=days, page=1, page_size=MOST_CLICKED)
    sets, rules = (await read_synonyms(database)).items, (await read_rules(database)).items
    doctor = Doctor(reader, sets, rules, prepared(sets, rules), [row.query for row in clicked], datetime.now(UTC))

    async def diagnosis(row: QueryRow) -> Diagnosis:
        if row.filtered_out == row.zero_results:
            return await doctor.filtered_out(row, filters.get(row.query, []), chosen.get(row.query, {}))
        return await doctor.cause(row)

    return [await diagnosis(row) for row in rows], count
