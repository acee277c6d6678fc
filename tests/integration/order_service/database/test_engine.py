"""What callers see when Postgres is slow, locked or away."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from order_service.database.engine import Database, open_database, translated_errors
from order_service.errors import Unavailable
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.settings import DatabaseSettings

pytestmark = pytest.mark.servers


async def test_a_server_that_is_away_is_unavailable() -> None:
    nowhere = open_database(DatabaseSettings(url="postgresql://aisle@127.0.0.1:1/aisle"))
    with pytest.raises(Unavailable):
        await in_unit_of_work(nowhere, lambda unit: unit.connection.execute(text("SELECT 1")))
    await nowhere.close()


async def test_a_cancelled_statement_is_unavailable_and_a_wrong_one_is_a_bug(database: Database) -> None:
    async def run(statement: str) -> None:
        async with translated_errors(), database.writes.connect() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 50"))
            await connection.execute(text(statement))

    with pytest.raises(Unavailable):
        await run("SELECT pg_sleep(2)")
    with pytest.raises(DBAPIError):
        await run("SELECT 1 FROM no_such_table")


async def test_a_lock_that_is_not_had_in_time_is_unavailable(database: Database) -> None:
    async def take(unit: UnitOfWork) -> None:
        await unit.connection.execute(text("SET LOCAL lock_timeout = 1"))
        await unit.connection.execute(text("LOCK TABLE inbox"))

    async with database.writes.begin() as holder:
        await holder.execute(text("LOCK TABLE inbox"))
        with pytest.raises(Unavailable):
            await in_unit_of_work(database, take)


async def test_work_is_run_again_after_a_serialization_failure(database: Database) -> None:
    attempts = 0

    async def work(unit: UnitOfWork) -> int:
        nonlocal attempts
        attempts += 1
        state = "40001" if attempts < 3 else "00000"
        if state != "00000":
            await unit.connection.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
        return attempts

    assert await in_unit_of_work(database, work) == 3


async def test_work_that_keeps_failing_ends_with_its_error(database: Database) -> None:
    async def work(unit: UnitOfWork) -> None:
        await unit.connection.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))

    with pytest.raises(DBAPIError):
        await in_unit_of_work(database, work)


async def test_callers_beyond_the_pool_take_turns_and_none_starves(settings_of: Callable[[type[Any]], Any]) -> None:
    small = open_database(replace(settings_of(DatabaseSettings), pool_size=2))
    turns: Counter[int] = Counter()
    spread: list[int] = []

    async def caller(number: int) -> None:
        for _ in range(30):
            async with translated_errors(), small.reads.connect() as connection:
                await connection.execute(text("SELECT 1"))
            turns[number] += 1
            spread.append(max(turns.values()) - min(turns[each] for each in range(6)))

    await asyncio.gather(*(caller(number) for number in range(6)))
    await small.close()
    assert max(spread) <= 4


async def test_a_turn_that_does_not_come_is_unavailable(settings_of: Callable[[type[Any]], Any]) -> None:
    single = open_database(replace(settings_of(DatabaseSettings), pool_size=1))
    async with single.writes.connect():
        with pytest.raises(Unavailable):
            await in_unit_of_work(single, lambda unit: unit.connection.execute(text("SELECT 1")))
    await single.close()
