"""Leaders and those who stand by, on real Postgres."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.jobs.job_metrics import JobMetrics
from order_service.jobs.run_jobs import LEADER_LOCK, run_jobs
from order_service.jobs.task import Task
from schemas.settings import DatabaseSettings
from tests.factories.waiting import until, until_answered

pytestmark = pytest.mark.servers

HOLDER = text("""
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND (CAST(classid AS bigint) << 32) + CAST(objid AS bigint) = :key
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


class Process(NamedTuple):
    """One running set of jobs: how often its task ran, and how to ask it to end."""

    runs: list[None]
    stop: asyncio.Event


@pytest.fixture
def postgres(settings_of: Callable[[type[Any]], Any]) -> DatabaseSettings:
    settings: DatabaseSettings = settings_of(DatabaseSettings)
    return settings


@asynccontextmanager
async def running(postgres: DatabaseSettings) -> AsyncIterator[Process]:
    process = Process([], asyncio.Event())

    async def work() -> int:
        process.runs.append(None)
        return 0

    jobs = asyncio.ensure_future(run_jobs(postgres, [Task("count", 0.01, work)], JobMetrics(), process.stop))
    try:
        yield process
    finally:
        process.stop.set()
        await asyncio.wait_for(jobs, 10)


async def leader(database: Database) -> int | None:
    async with database.reads.connect() as connection:
        pid: int | None = await connection.scalar(HOLDER, {"key": LEADER_LOCK})
        return pid


async def test_one_process_works_and_another_takes_over_when_it_ends(
    database: Database, postgres: DatabaseSettings
) -> None:
    async with running(postgres) as first:
        await until(lambda: first.runs)
        async with running(postgres) as second:
            await until(lambda: len(first.runs) > 20)
            assert not second.runs
            first.stop.set()
            await until(lambda: second.runs, within_s=5)
            assert await leader(database)


async def test_a_leader_that_lost_its_connection_comes_back(database: Database, postgres: DatabaseSettings) -> None:
    async with running(postgres) as process:
        await until(lambda: process.runs)
        before = await leader(database)
        async with database.reads.connect() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before})

        async def follows() -> bool:
            return await leader(database) not in {None, before}

        await until_answered(follows, within_s=10)
        so_far = len(process.runs)
        await until(lambda: len(process.runs) > so_far)


async def test_a_task_may_finish_when_the_process_is_asked_to_end(postgres: DatabaseSettings) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        begun.set()
        await may_end.wait()
        return 7

    stop, metrics = asyncio.Event(), JobMetrics()
    jobs = asyncio.ensure_future(run_jobs(postgres, [Task("slow", 60, work)], metrics, stop))
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    may_end.set()
    await asyncio.wait_for(jobs, 10)
    assert metrics.registry.get_sample_value("aisle_job_rows_total", {"job": "slow"}) == 7


async def test_without_postgres_it_waits_and_stops_at_once(unused_tcp_port: int) -> None:
    stop = asyncio.Event()
    nowhere = DatabaseSettings(url=f"postgresql://aisle@127.0.0.1:{unused_tcp_port}/none")
    jobs = asyncio.ensure_future(run_jobs(nowhere, [], JobMetrics(), stop))
    await asyncio.wait((jobs,), timeout=0.5)
    assert not jobs.done()
    stop.set()
    await asyncio.wait_for(jobs, 5)
