"""Waiting that ends when the process is asked to stop, and pauses between tries; for every long loop."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")

LONGEST_EXPONENT = 30  # 2 ** 30 times any first pause is beyond every cap


class Stopped(Exception):
    """The process was asked to stop while something was awaited; what was awaited has been cancelled."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double from `first_s` to `cap_s`, each shortened by up to half to spread processes."""

    first_s: float = 0.1
    cap_s: float = 5.0

    def pause_s(self, failures: int, at_least_s: float = 0.0) -> float:
        """Give the seconds to wait after that many failures in a row (1 is the first)."""
        doubled = self.first_s * 2.0 ** min(max(failures - 1, 0), LONGEST_EXPONENT)
        jitter = 0.5 + random.random() / 2  # noqa: S311 - spreads retries, guards nothing
        return max(min(doubled, self.cap_s) * jitter, at_least_s)


async def happened_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event at most so long and say whether it is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def unless_stopped(work: Coroutine[Any, Any, Result], stop: asyncio.Event, *, grace_s: float = 0.0) -> Result:
    """Await `work`; once `stop` is set it may go on for `grace_s` more seconds.

    Raises Stopped after cancelling it then, and whatever `work` raises.
    """
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait((task,), timeout=grace_s)
        if not task.done():
            raise Stopped
        return task.result()
    finally:
        stopping.cancel()
        await cancelled(task)


async def cancelled(task: "asyncio.Future[Any]") -> None:
    """Cancel the task if it still runs and wait until it has ended, whatever it ends with."""
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await asyncio.wait((task,))
        task.exception()
