import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from order_service.errors import Unavailable
from order_service.jobs.job_metrics import JobMetrics
from order_service.jobs.run_jobs import keep_running
from order_service.jobs.task import NeededServerAway, Task


async def run_until(task: Task, metrics: JobMetrics, condition: asyncio.Event) -> None:
    """Run the task on its own until the condition is set."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(keep_running(task, metrics, stop))
    await asyncio.wait_for(condition.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)


def runs(metrics: JobMetrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("aisle_job_runs_total", {"job": "x", "outcome": outcome}) or 0


def after(times: int, done: asyncio.Event, what: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """Do the thing, and set the event at the start of the given run."""
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        if calls == times:
            done.set()
        return await what()

    return work


async def three_rows() -> int:
    return 3


async def broken() -> int:
    raise ValueError("a fault of ours")


async def without_postgres() -> int:
    raise Unavailable


async def without_elasticsearch() -> int:
    raise NeededServerAway


async def endless() -> int:
    await asyncio.Event().wait()
    return 0


async def test_a_task_runs_again_and_its_rows_are_counted() -> None:
    done, metrics = asyncio.Event(), JobMetrics()
    await run_until(Task("x", 0.001, after(3, done, three_rows)), metrics, done)
    assert runs(metrics, "done") >= 3
    assert metrics.registry.get_sample_value("aisle_job_rows_total", {"job": "x"}) == 3 * runs(metrics, "done")
    assert metrics.registry.get_sample_value("aisle_job_last_success_timestamp_seconds", {"job": "x"})


async def test_a_task_that_fails_is_logged_and_tried_again() -> None:
    done, metrics = asyncio.Event(), JobMetrics()
    with capture_logs() as logged:
        await run_until(Task("x", 0.001, after(3, done, broken)), metrics, done)
    assert runs(metrics, "failed") >= 3
    assert {entry["event"] for entry in logged} == {"job_failed"}


@pytest.mark.parametrize("work", [without_postgres, without_elasticsearch])
async def test_while_a_server_is_away_a_task_waits_without_a_traceback(work: Callable[[], Awaitable[int]]) -> None:
    done, metrics = asyncio.Event(), JobMetrics()
    with capture_logs() as logged:
        await run_until(Task("x", 0.001, after(2, done, work)), metrics, done)
    assert runs(metrics, "unavailable") >= 2
    assert not [entry for entry in logged if "exc_info" in entry]


async def test_a_task_that_takes_too_long_is_cut_off() -> None:
    done, metrics = asyncio.Event(), JobMetrics()
    await run_until(Task("x", 0.001, after(2, done, endless), within_s=0.01), metrics, done)
    assert runs(metrics, "too_slow") >= 2
