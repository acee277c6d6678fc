"""What searches go by, with and without Postgres."""

from time import monotonic

import pytest

from order_service.database.engine import Database, open_database
from schemas.settings import DatabaseSettings
from search_indexer.errors import StaleVersion
from search_indexer.query.merchandising import NO_MERCHANDISING
from search_indexer.query.rules import Rule
from search_indexer.relevance.live_merchandising import LiveMerchandising
from search_indexer.relevance.merchandising import read_rules, save_rules
from tests.factories.waiting import until_answered

pytestmark = pytest.mark.servers


async def test_what_was_saved_elsewhere_is_seen_within_a_second(database: Database) -> None:
    live = LiveMerchandising(database)
    await live.current()
    before = await read_rules(database)
    saved = await save_rules(database, before.version, [Rule(id=1, query="quokka", redirect="/zoo")], "test")
    assert (await read_rules(database)) == saved

    async def seen() -> bool:
        return "quokka" in (await live.current()).rules.by_first_word

    await until_answered(seen, within_s=1.5)
    with pytest.raises(StaleVersion) as refused:
        await save_rules(database, before.version, [], "test")
    assert (refused.value.given, refused.value.current) == (before.version, saved.version)
    await save_rules(database, saved.version, [], "test")
    live.forget()
    assert "quokka" not in (await live.current()).rules.by_first_word
    await live.close()


async def test_without_postgres_nothing_waits() -> None:
    away = open_database(DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none"))
    live = LiveMerchandising(away)
    started = monotonic()
    assert {id(await live.current()) for _ in range(1_000)} == {id(NO_MERCHANDISING)}
    assert monotonic() - started < 1
    await live.close()
    await away.close()
