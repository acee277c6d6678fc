"""Decides whether a new index may go live by what it answers; called by the rebuild before the swap.

The new index and the live one answer the same queries, and the new one must not do worse by more than chance allows:

    canaries    some products by SKU, by title, by the title's words in lower case from last to first, and by those
                with its category and the first words of its description: each asks for its product among the first
                ten by matching every word. They need no file and catch a broken mapping or analyzer
    log         the most frequent queries of the last weeks: as many must be answered by matching every word
    judgments   queries with graded products from a file: NDCG@10 with unjudged products counting as 0

The synonyms in effect may not ruin the new index's answers either, compared with none: what saving them is refused for.
Without a live index to compare with, most canaries must be found. Facets are asked for once: a mapping under which
they cannot be counted is refused as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import msgspec

from order_service.database.engine import Database
from schemas.search_settings import SearchSettings
from search_indexer.errors import SearchRefused
from search_indexer.index.indexes import ProductIndexes
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.requests import FACET_NAMES, SearchRequest
from search_indexer.relevance.change_gate import ChangeGate, ChangeRefused
from search_indexer.relevance.judgments import KnownItem
from search_indexer.relevance.measured_search import Ranker, measure_judgments, measure_known_items
from search_indexer.storage.canaries import Canary, choose_canaries
from search_indexer.storage.search_log import read_queries

CANARIES = 20
CANARY_WORDS = 12
DESCRIBING_WORDS = 3
ANSWER_TIMEOUT_S = 30.0

MOST_LOST = 0.05
"""How far a measure may fall below the live index's: products come and go between the two looks."""

LEAST_FOUND = 0.6
"""The share of canaries that the first index ever must find. The seed and the 19,406-product feed find 0.97 or more."""

LOGGED = 50
LOGGED_DAYS = 30

CANARIES_FOUND = "share of canaries found"
EVERY_WORD = frozenset({"exact", "all_words"})
LOGGED_ANSWERED = "share of logged queries answered by every word"
JUDGED = "NDCG@10 of the judged queries"

Judgments = Mapping[str, Mapping[str, int]]


@dataclass
class GateRefused(Exception):
    """The new index reaches less than `expected` of `measure`, or for a `reason` none. Nothing was swapped."""

    measure: str
    found: float = 0.0
    expected: float = 0.0
    reason: str = ""

    def __str__(self) -> str:
        """Tell the figures, or what the index could not answer."""
        told = self.reason or f"{self.found:.3f}, expected at least {self.expected:.3f}"
        return f"the new index fails the gate: {self.measure}: {told}; nothing was changed (--force swaps all the same)"


@dataclass(frozen=True, slots=True)
class Questions:
    """What both indexes are asked."""

    canaries: Sequence[KnownItem]
    logged: Sequence[str]
    judgments: Judgments


async def check_answers(database: Database, indexes: ProductIndexes, name: str, judgments: Judgments) -> None:
    """Compare the answers of the index `name` with the live one's; raises GateRefused, or what searching raises."""
    canaries = [item for canary in await choose_canaries(database, CANARIES) for item in _queries(canary)]
    logged, _ = await read_queries(database, "top", days=LOGGED_DAYS, page=1, page_size=LOGGED)
    questions = Questions(canaries, [row.query for row in logged if row.query], judgments)
    try:
        reached = await _measured(indexes.settings, name, questions)
    except SearchRefused as refused:
        raise GateRefused("a canary query", reason=str(refused)) from refused
    for measure, expected in (await _expected(indexes, questions)).items():
        if reached[measure] < expected:
            raise GateRefused(measure, reached[measure], expected)
    await _check_synonyms(database, indexes.settings, name, judgments)


def _queries(canary: Canary) -> list[KnownItem]:
    backwards = " ".join(reversed(canary.title.lower().split()[:CANARY_WORDS]))
    described = canary.description.split()[:DESCRIBING_WORDS]
    across = " ".join([backwards, canary.category_name, *described])
    return [KnownItem(text, canary.sku) for text in (canary.sku, canary.title, backwards, across)]


async def _expected(indexes: ProductIndexes, questions: Questions) -> dict[str, float]:
    """Give what the live index reaches less what may be lost; the fixed floor when it cannot be asked."""
    floor = {CANARIES_FOUND: LEAST_FOUND} if questions.canaries else {}
    if not await indexes.is_seeded():
        return floor
    try:
        live = await _measured(indexes.settings, indexes.names.reads, questions)
    except SearchRefused:  # the live index is the broken one
        return floor
    return {measure: value - MOST_LOST for measure, value in live.items()}


async def _check_synonyms(database: Database, search: SearchSettings, name: str, judgments: Judgments) -> None:
    """Refuse to go on with synonyms in effect under which the new index answers far worse than without any."""
    reader = SearchReader(search, ANSWER_TIMEOUT_S, name)
    try:
        await ChangeGate(reader, database, judgments).check_synonyms_in_effect()
    except ChangeRefused as refused:
        raise GateRefused("the synonyms in effect", reason=str(refused)) from refused
    finally:
        await reader.close()


async def _measured(search: SearchSettings, index: str, questions: Questions) -> dict[str, float]:
    """Give each measure that there are questions for; raises SearchRefused when the index cannot answer one."""
    reader = SearchReader(search, ANSWER_TIMEOUT_S, index)

    async def search_by_every_word(request: SearchRequest) -> SearchAnswer:
        """Answer, but with nothing where the ladder had to forgive: that would hide what the mapping lost."""
        answer = await reader.search(request)
        return answer if answer.answered_by in EVERY_WORD else msgspec.structs.replace(answer, hits=[])

    strict = Ranker(search_by_every_word, "lexical")
    measures: dict[str, float] = {}
    try:
        await reader.search(SearchRequest(facets=tuple(sorted(FACET_NAMES))))
        if questions.canaries:
            measures[CANARIES_FOUND] = fmean(rank > 0 for rank in await measure_known_items(strict, questions.canaries))
        if questions.logged:
            measures[LOGGED_ANSWERED] = fmean([bool(await strict(query, 1)) for query in questions.logged])
        if scores := await measure_judgments(Ranker(reader.search, "lexical"), questions.judgments):
            measures[JUDGED] = fmean(score.strict for score in scores)
    finally:
        await reader.close()
    return measures
