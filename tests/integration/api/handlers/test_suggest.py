"""Suggestions over HTTP: learned texts, the cache, and what the log knows of who searched."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.relevance.learn_completions import learn_completions
from search_indexer.storage.search_log import LoggedSearch, insert_log
from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Api, Serve
from tests.integration.api.handlers.conftest import Shelve, search, word

pytestmark = pytest.mark.servers

SEARCHERS = text("SELECT searcher FROM search_log WHERE query = :query")


@pytest.fixture
async def fresh(serve: Serve) -> Api:
    """An application that has not read any text yet."""
    return await serve({})


def searched(query: str) -> list[LoggedSearch]:
    """Three people yesterday and three today."""
    return [
        LoggedSearch(
            query_id=uuid.uuid4(), query=query, first_page=True, results=1, answered_by="all_words", degraded=False,
            filters="{}", searched_at=datetime.now(UTC) - timedelta(days=days), searcher=bytes([days, number]),
        )
        for days in range(2) for number in range(3)
    ]  # fmt: skip


async def test_what_many_searched_for_is_offered_first_and_a_repeated_question_is_answered_from_the_cache(
    fresh: Api, shelve: Shelve, database: Database
) -> None:
    made = "".join(each if each.isalpha() else "x" for each in word())  # many digits would look like somebody's own
    await shelve(f"Green {made} lamp")
    await insert_log(database, searched(f"{made} lamp"), [])
    await learn_completions(database, SuggestionReader(fresh.dependencies.search.ask), searchers=5)
    path = f"{V1}/search/suggest?q={made[:8]}"
    first, again = await fresh.get(path), await fresh.get(path)
    assert first.json["suggestions"][:2] == [f"{made} lamp", f"Green {made} lamp"]
    assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("miss", "hit")
    assert again.body == first.body


async def test_the_log_holds_a_digest_of_who_searched_and_the_same_one_for_a_day(api: Api, database: Database) -> None:
    made = word()
    for _ in range(2):
        await search(api, made)

    async def logged() -> list[bytes]:
        async with database.reads.connect() as connection:
            found = list((await connection.execute(SEARCHERS, {"query": made})).scalars())
            return found if len(found) == 2 else []

    digests = await until_answered(logged)
    assert len(set(digests)) == 1
    assert len(digests[0]) == 8
