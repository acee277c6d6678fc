"""Synonyms and rules that would ruin what is searched for most, on the real servers."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from order_service.database.engine import Database, open_database
from schemas.settings import DatabaseSettings
from search_indexer.query.rules import Rule
from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.change_gate import ChangeGate, ChangeRefused
from search_indexer.storage.search_log import LoggedSearch, insert_log
from tests.factories.fresh_database import fresh_database
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers

QUERIES = ("lamp", "lamps", "lamp light", "light", "lights")
"""Three and more of these are more than the gate lets a change move."""

RUINOUS = [SynonymSet(words=[f"rare{each} curio" for each in range(11)], typed=typed) for typed in ("lamp", "light")]


def logged(query: str) -> LoggedSearch:
    return LoggedSearch(
        query_id=uuid.uuid4(),
        query=query,
        first_page=True,
        results=12,
        answered_by="all_words",
        degraded=False,
        filters="{}",
        searched_at=datetime.now(UTC),
    )


@pytest.fixture(scope="module")
async def database(environment: Mapping[str, str]) -> AsyncIterator[Database]:
    """A database of its own, in place of the session's, so that nobody else's searches are asked."""
    with fresh_database(environment["DATABASE_URL"]) as url:
        opened = open_database(DatabaseSettings(url=url))
        await insert_log(opened, [logged(query) for query in QUERIES], [])
        yield opened
        await opened.close()


@pytest.fixture
async def gate(installation: Installation, database: Database) -> ChangeGate:
    lamps = [product_snapshot(each, title="lamp light " * 2) for each in range(1, 13)]
    curios = [product_snapshot(100 + each, title=f"rare{each} curio") for each in range(11)]
    await installation.hold([*lamps, *curios])
    return ChangeGate(installation.reader, database, {})


async def refused(check: Awaitable[None]) -> dict[str, set[str]]:
    with pytest.raises(ChangeRefused) as caught:
        await check
    return {harm.code: {preview.query for preview in harm.queries} for harm in caught.value.harms}


async def test_harmless_synonyms_and_rules_pass(gate: ChangeGate) -> None:
    await gate.check_synonyms([SynonymSet(words=["lamp", "luminaire"])])
    await gate.check_rules([Rule(id=1, query="lamp", pin=[7], bury=[1]), Rule(id=2, query="light", hide=[3])])


async def test_rules_that_empty_frequent_queries_are_refused_also_before_their_window(gate: ChangeGate) -> None:
    hiding = Rule(id=1, query="lamp", match="contains", hide=list(range(1, 13)))
    later = Rule(
        id=1,
        query="light",
        match="contains",
        hide=list(range(1, 13)),
        active_from=datetime.now(UTC) + timedelta(days=9),
    )
    for rule, word in ((hiding, "lamp"), (later, "light")):
        found = await refused(gate.check_rules([rule]))
        assert found["lost_results"] == {query for query in QUERIES if word in query}
    elsewhere = Rule(id=2, query="lamp", match="contains", hide=list(range(1, 13)), redirect="/sold-out")
    await gate.check_rules([elsewhere])


async def test_synonyms_that_push_the_first_hits_away_are_refused(gate: ChangeGate) -> None:
    found = await refused(gate.check_synonyms(RUINOUS))
    assert found["lost_first_hits"] == {"lamp", "lamps", "light", "lights"}


async def test_synonyms_that_judged_queries_suffer_from_are_refused(
    gate: ChangeGate, installation: Installation, database: Database
) -> None:
    await gate.check_synonyms(RUINOUS[:1])
    judging = ChangeGate(installation.reader, database, {"lamp": {f"SKU-{each}": 3 for each in range(1, 13)}})
    assert await refused(judging.check_synonyms(RUINOUS[:1])) == {"judged_worse": {"lamp"}}
