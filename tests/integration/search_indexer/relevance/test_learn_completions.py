"""Completions learned from rows of the search log, on the real servers, and how they come to be offered."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from order_service.database.engine import Database, open_database
from schemas.settings import DatabaseSettings
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.relevance.learn_completions import learn_completions
from search_indexer.relevance.live_vocabulary import LiveVocabulary
from search_indexer.storage.completions import (
    KEPT_SETS,
    read_completions,
    read_completions_version,
    save_completions,
)
from search_indexer.storage.search_log import LoggedClick, LoggedSearch, insert_log
from tests.factories.product_snapshots import product_snapshot
from tests.factories.waiting import until_answered
from tests.integration.search_indexer.conftest import Install, Installation

pytestmark = pytest.mark.servers

TODAY = datetime.now(UTC)


@pytest.fixture(scope="module")
async def held(install: Install) -> Installation:
    installation = await install()
    words = ("lamp", "shade", "bulb", "torch", "lantern", "candle", "spot", "strip")
    await installation.hold(product_snapshot(at, title=f"Zweck {word}") for at, word in enumerate(words, start=1))
    return installation


def searches(query: str, searchers_by_day: dict[int, int], **fields: Any) -> list[LoggedSearch]:
    """Searches by so many different people so many days ago."""
    usual = LoggedSearch(
        query_id=uuid.uuid4(), query=query, first_page=True, results=3, answered_by="all_words", degraded=False,
        filters="{}", searched_at=TODAY,
    )  # fmt: skip
    return [
        msgspec.structs.replace(
            usual,
            **{
                "query_id": uuid.uuid4(),
                "searched_at": TODAY - timedelta(days=days),
                "searcher": f"{days}/{number}".encode(),
                **fields,
            },
        )
        for days, searchers in searchers_by_day.items()
        for number in range(searchers)
    ]


async def learned(database: Database, installation: Installation) -> list[str]:
    await learn_completions(database, SuggestionReader(installation.reader.ask), searchers=5)
    return (await read_completions(database)).texts


async def test_a_query_is_offered_once_enough_people_searched_for_it_on_several_days(
    database: Database, held: Installation
) -> None:
    rows = [
        *searches("zweck lamp", {0: 3, 1: 3}),
        *searches("zweck shade", {0: 10, 1: 10}),
        *searches("zweck bulb", {0: 50}),  # on one day only
        *searches("zweck torch", dict.fromkeys(range(20), 1)),  # one person, day after day
        *searches("zweck lantern", {0: 3, 1: 1}),  # too few
        *searches("zweck candle", {70: 9, 71: 9}),  # long ago
        *searches("zweck spot", {0: 9, 1: 9}, searcher=None),
        *searches("zweck jane@example.com", {0: 9, 1: 9}),
        *searches("zweck unobtainium", {0: 9, 1: 9}, results=0, answered_by="none"),
        *searches("zweck strip", {0: 9, 1: 9}, degraded=True),
        *searches("zweck lamps stink", {0: 9, 1: 9}, answered_by="most_words"),  # what no product says of itself
        *searches("vanished", {0: 9, 1: 9}),  # found products once, now nothing has the word
    ]
    await insert_log(database, rows, [])
    offered = await learned(database, held)
    assert [text for text in offered if "zweck" in text or text == "vanished"] == ["zweck shade", "zweck lamp"]


async def test_what_led_to_clicks_comes_first(database: Database, held: Installation) -> None:
    clicked, ignored = searches("zweck strip", {0: 4, 1: 4}), searches("zweck spot", {0: 5, 1: 5})
    clicks = [
        LoggedClick(query_id=row.query_id, product_id=1, position=1, clicked_at=row.searched_at) for row in clicked
    ]
    await insert_log(database, [*clicked, *ignored], clicks)
    offered = await learned(database, held)
    assert offered.index("zweck strip") < offered.index("zweck spot")


async def test_a_version_rises_only_with_a_change_and_old_ones_go(database: Database, held: Installation) -> None:
    await learned(database, held)
    version = await read_completions_version(database)
    assert await learn_completions(database, SuggestionReader(held.reader.ask), searchers=5) == 0
    assert await read_completions_version(database) == version
    before = (await read_completions(database)).texts
    for number in range(KEPT_SETS + 2):
        await save_completions(database, [f"lamp {number}"])
    await save_completions(database, before)
    assert await read_completions_version(database) == version + KEPT_SETS + 3


@pytest.fixture
async def vocabulary(database: Database, held: Installation) -> AsyncIterator[LiveVocabulary]:
    live = LiveVocabulary(database, SuggestionReader(held.reader.ask))
    yield live
    await live.close()


async def test_a_process_offers_what_was_learned_without_a_restart(
    database: Database, vocabulary: LiveVocabulary
) -> None:
    assert (await vocabulary.current()).categories.find("cab", 5)[0].slug == "cables-adapters"
    word = f"zx{uuid.uuid4().hex[:6]}"
    await save_completions(database, [f"{word} lamp"])
    vocabulary.forget()
    version = vocabulary.version

    async def offered() -> list[str]:
        return (await vocabulary.current()).learned.find(word, 5)

    assert await until_answered(offered) == [f"{word} lamp"]
    assert vocabulary.version > version


async def test_while_postgres_is_away_brands_and_categories_are_offered_all_the_same(held: Installation) -> None:
    away = open_database(DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none"))
    vocabulary = LiveVocabulary(away, SuggestionReader(held.reader.ask))

    async def categories() -> int:
        return len((await vocabulary.current()).categories)

    assert await until_answered(categories)
    await vocabulary.close()
    await away.close()
