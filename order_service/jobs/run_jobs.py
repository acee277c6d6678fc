"""The loop of `aisle jobs`: one process of an installation leads and runs the tasks, the others stand by.

Leading is an advisory lock on a connection of its own. The leader asks that connection every second whether it is
still there: a process that lost it stops its tasks, and a process that died has freed the lock by dying.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from messaging.waiting import Backoff, Stopped, cancelled, happened_within, unless_stopped
from order_service.database.lock_session import lock_session
from order_service.errors import Unavailable
from order_service.jobs.job_metrics import JobMetrics, Outcome
from order_service.jobs.task import NeededServerAway, Task
from schemas.settings import DatabaseSettings

LEADER_LOCK = 0x61_69_73_6A_6F_62_73  # "aisjobs"; any constant does, as long as every release uses the same
HEARTBEAT_S = 1.0
FINISH_S = 5.0
AWAY = Backoff(first_s=0.2, cap_s=2.0)
AGAIN = Backoff(first_s=1.0, cap_s=300.0)
"""Pauses after failures of one task, which are never longer than its usual ones."""

TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
STILL_THERE = text("SELECT 1")

log = structlog.get_logger(__name__)


async def run_jobs(database: DatabaseSettings, tasks: Sequence[Task], metrics: JobMetrics, stop: asyncio.Event) -> None:
    """Lead when nobody else does, until `stop` is set; then let running tasks finish within FINISH_S and return.

    Blocks for the life of the process. Waits with back-off while Postgres is away, at the start or later.
    """
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            async with lock_session(database, "aisle jobs") as connection:
                await unless_stopped(_become_leader(connection), stop)
                async with _running(tasks, metrics, stop):
                    await _lead(connection, stop)
        except Stopped:
            return
        except (SQLAlchemyError, OSError) as error:
            failures = 1 if time.monotonic() - started > AWAY.cap_s else failures + 1
            log.warning("postgres_away", doing="jobs", error=str(error).partition("\n")[0], failures=failures)
            await happened_within(stop, AWAY.pause_s(failures))


async def _become_leader(connection: AsyncConnection) -> None:
    told = False
    while not await connection.scalar(TRY_LOCK, {"key": LEADER_LOCK}):
        if not told:
            log.info("jobs_standing_by")
        told = True
        await asyncio.sleep(HEARTBEAT_S)


async def _lead(connection: AsyncConnection, stop: asyncio.Event) -> None:
    while not await happened_within(stop, HEARTBEAT_S):
        await connection.execute(STILL_THERE)


@asynccontextmanager
async def _running(tasks: Sequence[Task], metrics: JobMetrics, stop: asyncio.Event) -> AsyncIterator[None]:
    """Run the tasks side by side within the block; at its end they have FINISH_S, or no time when leading was lost."""
    log.info("jobs_leading", tasks=[task.name for task in tasks])
    loops = [asyncio.ensure_future(keep_running(task, metrics, stop)) for task in tasks]
    try:
        with metrics.leading():
            yield
        if loops:
            await asyncio.wait(loops, timeout=FINISH_S)
    finally:
        for each in loops:
            each.cancel()
        for each in loops:
            await cancelled(each)


async def keep_running(task: Task, metrics: JobMetrics, stop: asyncio.Event) -> None:
    """Run one task again and again until `stop` is set; whatever it raises is logged, and concerns no other task."""
    failures = 0
    while not stop.is_set():
        outcome = await _run(task, metrics)
        failures = 0 if outcome == "done" else failures + 1
        pause_s = min(AGAIN.pause_s(failures), task.every_s) if failures else task.every_s
        await happened_within(stop, pause_s)


async def _run(task: Task, metrics: JobMetrics) -> Outcome:
    started = time.monotonic()
    rows = 0
    outcome: Outcome = "done"
    try:
        async with asyncio.timeout(task.within_s):
            rows = await task.work()
    except (Unavailable, NeededServerAway) as error:
        outcome = "unavailable"
        log.warning("job_waits_for_a_server", job=task.name, error=str(error.__cause__ or error).partition("\n")[0])
    except TimeoutError:
        outcome = "too_slow"
        log.warning("job_too_slow", job=task.name, within_s=task.within_s)
    except Exception:
        outcome = "failed"
        log.exception("job_failed", job=task.name)
    seconds = time.monotonic() - started
    metrics.observe(task.name, outcome, seconds, rows)
    if rows:
        log.info("job_done", job=task.name, rows=rows, ms=round(seconds * 1000))
    return outcome
