"""An engine whose connections are handed out first come first served; `engine.open_database` makes both of ours so.

SQLAlchemy's asyncio pool lets a caller that has just given a connection back take the next one before those who
wait: sixteen busy callers on eight connections starve some of themselves until the pool's time-out. A semaphore in
front of the pool makes them queue.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class FairEngine:
    """Wraps one engine; `connections` is the size of its pool."""

    def __init__(self, engine: AsyncEngine, connections: int, wait_s: float) -> None:
        self._engine = engine
        self._turns = asyncio.Semaphore(connections)
        self._wait_s = wait_s

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection; waits for its turn at most `wait_s`, then raises sqlalchemy.exc.TimeoutError.

        What was not committed is rolled back on leaving.
        """
        async with self._turn(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection as `connect` does, in a transaction that commits unless an error leaves the block."""
        async with self._turn(), self._engine.begin() as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every pooled connection; waits for none that is in use."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError as error:
            raise exc.TimeoutError(f"no connection was free within {self._wait_s} s") from error
        try:
            yield
        finally:
            self._turns.release()
