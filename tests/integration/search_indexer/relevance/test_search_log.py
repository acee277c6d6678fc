"""The search log on the real Postgres, and without one."""

import uuid
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import text

from order_service.database.engine import Database, open_database
from schemas.settings import DatabaseSettings
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.requests import SearchRequest
from search_indexer.relevance.search_log import SearchLog
from search_indexer.storage.search_log import (
    LoggedClick,
    LoggedSearch,
    RowsRefused,
    insert_log,
    prune_log,
    read_queries,
)
from tests.factories.waiting import until_answered

pytestmark = pytest.mark.servers

ANSWER = SearchAnswer(count=3, hits=[], facets=[], answered_by="all_words")


def logged(query_id: uuid.UUID, searched_at: datetime, filters: str = "{}") -> LoggedSearch:
    return LoggedSearch(
        query_id=query_id, query="old", first_page=True, results=1, answered_by="all_words", degraded=False,
        filters=filters, searched_at=searched_at,
    )  # fmt: skip


async def count(database: Database, table: str, query_id: uuid.UUID) -> int:
    async with database.reads.connect() as connection:
        statement = text(f"SELECT count(*) FROM {table} WHERE query_id = :id")  # noqa: S608 - the test names the table
        return int(await connection.scalar(statement, {"id": query_id}) or 0)


async def test_closing_writes_what_still_waits(database: Database) -> None:
    log, ids = SearchLog(database, 90), [uuid.uuid4() for _ in range(2_500)]
    for each in ids:
        log.note_search(each, SearchRequest(q="Lamp", brand=["HP"], page=2), ANSWER)
    log.note_click(ids[0], 7, 1)
    await log.close()
    async with database.reads.connect() as connection:
        statement = text("SELECT query, first_page, results, filters FROM search_log WHERE query_id = ANY(:ids)")
        rows = (await connection.execute(statement, {"ids": ids})).all()
    assert len(rows) == len(ids)
    assert set(map(repr, rows)) == {repr(("lamp", False, 3, {"brand": ["HP"]}))}
    assert await count(database, "search_clicks", ids[0]) == 1


async def test_without_postgres_rows_wait_within_a_bound_and_closing_gives_them_up() -> None:
    dropped: list[int] = []
    away = open_database(DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none"))
    log = SearchLog(away, 90, dropped.append, most_waiting=10)
    for _ in range(25):
        log.note_search(uuid.uuid4(), SearchRequest(q="x"), ANSWER)
    assert dropped == [1] * 15
    started = monotonic()
    await log.close()
    assert sum(dropped) == 25
    assert monotonic() - started < 5
    await away.close()


async def test_a_row_that_no_column_can_hold_is_refused_not_tried_for_ever(database: Database) -> None:
    with pytest.raises(RowsRefused):
        await insert_log(database, [logged(uuid.uuid4(), datetime.now(UTC), filters="not json")], [])


async def test_old_rows_are_pruned_and_young_ones_stay(database: Database) -> None:
    now, old, young = datetime.now(UTC), uuid.uuid4(), uuid.uuid4()
    searches = [logged(old, now - timedelta(days=91)), logged(young, now - timedelta(days=89))]
    clicks = [
        LoggedClick(query_id=row.query_id, product_id=1, position=1, clicked_at=row.searched_at) for row in searches
    ]
    await insert_log(database, searches, clicks)
    while await prune_log(database, 90):
        pass
    for table in ("search_log", "search_clicks"):
        assert (await count(database, table, old), await count(database, table, young)) == (0, 1)


async def test_while_postgres_is_stuck_noting_waits_for_nothing_and_what_fits_is_written_later(
    database: Database,
) -> None:
    dropped: list[int] = []
    log, ids = SearchLog(database, 90, dropped.append, most_waiting=10), [uuid.uuid4() for _ in range(50)]
    async with database.writes.begin() as connection:
        await connection.execute(text("LOCK TABLE search_log IN ACCESS EXCLUSIVE MODE"))
        started = monotonic()
        for each in ids:
            log.note_search(each, SearchRequest(q="stuck"), ANSWER)
        assert monotonic() - started < 0.1
        assert sum(dropped) == 40

    async def written() -> bool:
        return all([await count(database, "search_log", each) for each in ids[:10]])

    await until_answered(written)
    await log.close()
    assert sum(dropped) == 40


async def test_what_was_answered_without_the_index_is_no_zero_result(database: Database) -> None:
    nothing = SearchAnswer(count=0, hits=[], facets=[], answered_by="none")
    log, words = SearchLog(database, 90), [f"w{uuid.uuid4().hex}" for _ in range(2)]
    for word, degraded in zip(words, (True, False), strict=True):
        log.note_search(uuid.uuid4(), SearchRequest(q=word), nothing, degraded=degraded)
    await log.close()
    rows, _ = await read_queries(database, "zero_results", days=1, page=1, page_size=1_000)
    assert {row.query for row in rows} & set(words) == {words[1]}
