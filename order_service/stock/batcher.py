"""Group commit: whatever waits is done together in one transaction; used by the orders that take stock.

A worker takes everything that waits, when it is free: a lone item never waits for company, and the more callers there
are the more each transaction carries. After "Group Commit Timers and High Volume Transaction Systems" (Helland et al.,
1987), without the timer. Measured figures: docs/decisions/0003-set-based-placement.md.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from math import ceil
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

import structlog

from order_service.errors import Unavailable

MOST = 128
"""Items of one transaction. Beyond it more company no longer pays, and everybody waits for the whole."""

WORKERS = 2
"""One writes while the other's answer is on its way; more only wait for each other's locks."""

LONGEST_WAIT_S = 2.0
"""Who would wait longer than this is told at once to come back."""

FIRST_GUESS_S = 0.002
"""Seconds an item, until some have been measured."""

SMOOTHING = 0.2
"""Weight of the newest batch in the average time an item takes."""

log = structlog.get_logger()

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(NamedTuple, Generic[Item, Result]):
    item: Item
    key: Hashable
    result: asyncio.Future[Result]


class Batcher(Generic[Item, Result]):
    """Hands waiting items to `work` in batches; share one per process and event loop, and `close` it at the end.

    `work` gives one result an item, in order, and does nothing outside its transaction: a batch of several that fails
    is split in halves until the item at fault stands alone, so that nobody fails for their neighbours; unless the
    error `concerns_all`. No two items with the same `key_of` (None is no key) are ever worked on at the same time.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        key_of: Callable[[Item], Hashable] = lambda _: None,
        concerns_all: Callable[[Exception], bool] = lambda _: False,
        *,
        workers: int = WORKERS,
        most: int = MOST,
    ) -> None:
        self._work = work
        self._key_of = key_of
        self._concerns_all = concerns_all
        self._most = most
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._idle = workers
        self._workers = workers
        self._running: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seconds_an_item = FIRST_GUESS_S

    @property
    def waiting(self) -> int:
        """How many items nobody works on yet."""
        return len(self._queue)

    async def submit(self, item: Item) -> Result:
        """Give the item's result, or raise what `work` raised for it alone.

        Raises Unavailable at once when the queue is longer than can be served within LONGEST_WAIT_S. Cancelled while
        it waits, it is left out; cancelled later, its work is done all the same.
        """
        wait_s = len(self._queue) * self._seconds_an_item
        if wait_s > LONGEST_WAIT_S:
            raise Unavailable(retry_after=ceil(wait_s))
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(item, self._key_of(item), result))
        self._wake()
        return await result

    async def close(self) -> None:
        """Return when everything that was submitted has its result."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _wake(self) -> None:
        if self._idle:
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        """Work until nothing waits that may be worked on."""
        try:
            while batch := self._take():
                started = monotonic()
                try:
                    await self._do(batch)
                finally:
                    self._running.difference_update(each.key for each in batch)
                self._learn((monotonic() - started) / len(batch) / self._workers)
        finally:
            self._idle += 1

    def _take(self) -> list[_Waiting[Item, Result]]:
        """Take what waits, oldest first, and leave for later what shares a key with something in work."""
        batch: list[_Waiting[Item, Result]] = []
        later: list[_Waiting[Item, Result]] = []
        while self._queue and len(batch) < self._most:
            each = self._queue.popleft()
            if each.result.done():
                continue
            if each.key is not None and each.key in self._running:
                later.append(each)
                continue
            if each.key is not None:
                self._running.add(each.key)
            batch.append(each)
        self._queue.extendleft(reversed(later))
        return batch

    async def _do(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            done = list(zip(batch, await self._work([each.item for each in batch]), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for it
            if len(batch) == 1 or self._concerns_all(error):
                for each in batch:
                    _settle(each.result, error)
                return
            log.warning("batch_split", items=len(batch), error=repr(error)[:500])
            half = len(batch) // 2
            await self._do(batch[:half])
            await self._do(batch[half:])
        else:
            for each, result in done:
                _settle(each.result, result)

    def _learn(self, seconds: float) -> None:
        self._seconds_an_item += SMOOTHING * (seconds - self._seconds_an_item)


def _settle(future: asyncio.Future[Result], outcome: Result | Exception) -> None:
    """Hand over the outcome, unless the caller has gone."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
