"""Keeps a few pieces of work going at once: one waits for a server while the next is made; used by the rebuild."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class InFlight:
    """At most `most` pieces at a time. The context waits for the last of them; left by an error, it cancels them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: set[asyncio.Task[Any]] = set()

    async def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start the work as soon as there is a place; raises what an earlier piece of it raised."""
        while len(self._running) >= self._most:
            try:
                await self._until_one_has_ended()
            except BaseException:
                work.close()
                raise
        self._running.add(asyncio.create_task(work))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while error is None and self._running:
                await self._until_one_has_ended()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _until_one_has_ended(self) -> None:
        ended, self._running = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
