"""Work that several requests want at one moment is done once for all of them; for searches and suggestions."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class SharedWork(Generic[Key, Result]):
    """The work under way by key; share one per event loop, and `close` it before what the work asks."""

    def __init__(self) -> None:
        self._running: dict[Key, asyncio.Task[Result]] = {}

    def once(self, key: Key, make: Callable[[], Coroutine[None, None, Result]]) -> asyncio.Task[Result]:
        """Give the running work of that key, or start it; shield it where who waits may be cancelled."""
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.get_running_loop().create_task(make())
            running.add_done_callback(lambda done: self._ended(key, done))
        return running

    async def close(self) -> None:
        """Give up what is running."""
        running = list(self._running.values())
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, key: Key, done: asyncio.Task[Result]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # those who wait get it; with nobody waiting it has been seen
