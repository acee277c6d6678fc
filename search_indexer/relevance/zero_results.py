"""Why queries found nothing, and what would help: each cause with a fix to save and its preview; called by the API.

- filtered_out: the words find products, the chosen filters left none of them
- found_now: products or synonyms came meanwhile, and the query finds something
- typo: spelt otherwise it finds products; the fix is a one-way synonym from what was typed
- missing_synonym: it finds products with one word replaced, by a clicked query's word or by the word split in two
- not_sold: none of these, nothing near it is in the shop
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

from order_service.database.engine import Database
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import Merchandising, prepared
from search_indexer.query.requests import SearchRequest
from search_indexer.query.synonyms import LONGEST_TERM, SynonymSet, synonym_table
from search_indexer.relevance.merchandising import read_rules, read_synonyms
from search_indexer.relevance.preview import QueryPreview, compared, comparison
from search_indexer.storage.search_log import QueryRow, read_emptying_filters, read_queries

Cause = Literal["filtered_out", "found_now", "typo", "missing_synonym", "not_sold"]

MOST_CLICKED = 500
MOST_TRIED = 12
SHORTEST_PART = 3
"""Letters of each part of a word that is split."""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One query's cause; `filters` are those that emptied it, `fix` would make it find what `preview` shows."""

    row: QueryRow
    cause: Cause
    filters: list[str] = []
    fix: SynonymSet | None = None
    preview: QueryPreview | None = None


class Attempt(NamedTuple):
    """The query in other words, and the synonyms that would make it so."""

    text: str
    fix: SynonymSet


class Doctor(NamedTuple):
    """What a diagnosis needs: the reader, what staff saved, and queries that led to clicks."""

    reader: SearchReader
    sets: Sequence[SynonymSet]
    saved: Merchandising
    clicked: Sequence[str]
    now: datetime

    async def cause(self, row: QueryRow) -> Diagnosis:
        """Find why a query's words find nothing; raises what the reader raises."""
        before = await self._found(row.query)
        if before.count and before.answered_by != "fuzzy":
            return Diagnosis(row=row, cause="found_now")
        if before.did_you_mean and await self._finds(before.did_you_mean):
            fix = SynonymSet(words=[before.did_you_mean], typed=row.query)
            return await self._with_preview(row, "typo", fix)
        if before.count:
            return Diagnosis(row=row, cause="found_now")
        for attempt in list(attempts(row.query, self.clicked))[:MOST_TRIED]:
            if await self._finds(attempt.text):
                return await self._with_preview(row, "missing_synonym", attempt.fix)
        return Diagnosis(row=row, cause="not_sold")

    async def _with_preview(self, row: QueryRow, cause: Cause, fix: SynonymSet) -> Diagnosis:
        if len(row.query.split()) > LONGEST_TERM:  # no term may be so long; the cause stands without a fix
            return Diagnosis(row=row, cause=cause)
        proposed = self.saved._replace(synonyms=synonym_table([*self.sets, fix]))
        before = await self.reader.search(comparison(row.query), self.saved, self.now)
        after = await self.reader.search(comparison(row.query), proposed, self.now)
        return Diagnosis(row=row, cause=cause, fix=fix, preview=compared(row.query, before, after))

    async def _finds(self, text: str) -> bool:
        """Whether the text finds products as it is spelt."""
        found = await self._found(text)
        return found.count > 0 and found.answered_by in {"exact", "all_words"}

    async def _found(self, text: str) -> SearchAnswer:
        request = SearchRequest(q=text, page_size=1, highlight=False)
        return await self.reader.search(request, self.saved, self.now)


async def diagnose(
    database: Database, reader: SearchReader, *, days: int, page: int, page_size: int
) -> tuple[list[Diagnosis], int]:
    """Diagnose one page of the zero-result queries; gives the number of all too. Raises Unavailable and SearchError.

    Up to some twenty searches a query, one after the other: keep the page small.
    """
    rows, count = await read_queries(database, "zero_results", days=days, page=page, page_size=page_size)
    filters = await read_emptying_filters(database, [row.query for row in rows], days)
    clicked, _ = await read_queries(database, "clicked", days=days, page=1, page_size=MOST_CLICKED)
    sets = (await read_synonyms(database)).items
    saved = prepared(sets, (await read_rules(database)).items)
    doctor = Doctor(reader, sets, saved, [row.query for row in clicked], datetime.now(UTC))
    return [await _diagnosis(doctor, row, filters.get(row.query, [])) for row in rows], count


async def _diagnosis(doctor: Doctor, row: QueryRow, filters: list[str]) -> Diagnosis:
    if row.filtered_out == row.zero_results:
        return Diagnosis(row=row, cause="filtered_out", filters=filters)
    return await doctor.cause(row)


def attempts(query: str, clicked: Iterable[str]) -> Iterator[Attempt]:
    """Give the query with one word replaced: by a clicked query's at the same place, then by itself split in two."""
    words = query.split()
    yield from (attempt for other in clicked if (attempt := _replaced(words, other.split())))
    for place, word in enumerate(words):
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            yield _attempt(words, place, f"{word[:cut]} {word[cut:]}")


def _replaced(words: Sequence[str], others: Sequence[str]) -> Attempt | None:
    """Take the one word in which another query of the same length differs; None when it is not just one."""
    if len(words) != len(others) or len(words) == 1:
        return None
    places = [place for place, (word, other) in enumerate(zip(words, others, strict=True)) if word != other]
    return _attempt(words, places[0], others[places[0]]) if len(places) == 1 else None


def _attempt(words: Sequence[str], place: int, meant: str) -> Attempt:
    text = " ".join([*words[:place], meant, *words[place + 1 :]])
    return Attempt(text, SynonymSet(words=[meant], typed=words[place]))
