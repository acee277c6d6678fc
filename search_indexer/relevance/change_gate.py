"""Refuses synonyms and rules that would ruin searches, before they are saved; the API asks, and so does a rebuild."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from order_service.database.engine import Database
from search_indexer.errors import SearchError
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import NO_MERCHANDISING, prepared
from search_indexer.query.rules import Rule, rule_table
from search_indexer.query.synonyms import SynonymSet, synonym_table
from search_indexer.relevance.harm import Change, Harm, Questions, find_harm
from search_indexer.relevance.merchandising import read_rules, read_synonyms
from search_indexer.relevance.reports import read_top_queries

LOGGED = 50
LOGGED_DAYS = 30

Judgments = Mapping[str, Mapping[str, int]]


@dataclass
class ChangeRefused(SearchError):
    """The change would do each of the `harms`; nothing was saved."""

    harms: list[Harm]

    def __str__(self) -> str:
        """Say it in words, for logs and the terminal."""
        return "; ".join(told(harm) for harm in self.harms)


class ChangeGate:
    """Measures changes on the most frequent queries of late and on judged ones; one a process."""

    def __init__(self, reader: SearchReader, database: Database, judgments: Judgments) -> None:
        self._reader = reader
        self._database = database
        self._judgments = judgments

    async def check_synonyms(self, sets: Sequence[SynonymSet]) -> None:
        """Raise ChangeRefused for sets that do harm; also raises Unavailable and search's errors.

        At most some 150 searches for the log, and three for each judged query.
        """
        saved = prepared((await read_synonyms(self._database)).items, (await read_rules(self._database)).items)
        await self._check(Change(saved, saved._replace(synonyms=synonym_table(sets)), datetime.now(UTC)))

    async def check_rules(self, rules: Iterable[Rule]) -> None:
        """Raise ChangeRefused for rules that do harm, now or once their window opens; raises like `check_synonyms`."""
        saved = prepared((await read_synonyms(self._database)).items, (await read_rules(self._database)).items)
        opened = rule_table(msgspec.structs.replace(rule, active_from=None) for rule in rules)
        await self._check(Change(saved, saved._replace(rules=opened), datetime.now(UTC)))

    async def check_synonyms_in_effect(self) -> None:
        """Raise ChangeRefused where the saved synonyms do harm to the reader's index, compared with having none."""
        sets = (await read_synonyms(self._database)).items
        await self._check(Change(NO_MERCHANDISING, prepared(sets, []), datetime.now(UTC)))

    async def _check(self, change: Change) -> None:
        if change.saved == change.proposed:
            return
        logged = await read_top_queries(self._database, LOGGED_DAYS, LOGGED)
        harms = await find_harm(self._reader.search, Questions(logged, self._judgments), change)
        if harms:
            raise ChangeRefused(harms)


def told(harm: Harm) -> str:
    """Say in words what a change would do and how much of it may be."""
    if harm.code == "judged_worse":
        return (
            f"NDCG@10 of {harm.asked} judged queries would be {harm.found:.3f}, at least {harm.allowed:.3f} is wanted"
        )
    does = {"lost_results": "find nothing", "lost_first_hits": "lose most of their first ten hits"}[harm.code]
    return f"{harm.found:.0f} of the {harm.asked} most frequent queries would {does}, {harm.allowed:.0f} may"
