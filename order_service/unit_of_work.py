"""One transaction of the order service: rolls back unless committed, and is tried again after a deadlock.

Every use case that writes runs in here, so the transaction boundary is visible in one place.
"""

import random
from asyncio import sleep
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

import psycopg
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database, translated_errors

Result = TypeVar("Result")

RETRIED_STATES = frozenset({"40001", "40P01"})
ATTEMPTS = 5
FIRST_PAUSE_S = 0.01


class UnitOfWork:
    """Holds one connection with an open transaction; `commit` or everything is rolled back on leaving."""

    connection: AsyncConnection

    def __init__(self, database: Database) -> None:
        self._lent = database.writes.connect()

    async def __aenter__(self) -> Self:
        """Take a connection when it is our turn (waits at most the pool's time-out)."""
        self.connection = await self._lent.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back."""
        await self._lent.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        """Make everything so far permanent; returns once Postgres has it on disk."""
        await self.connection.commit()


async def in_unit_of_work(database: Database, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
    """Run `work` in a transaction and commit it; the whole is run again after a deadlock or serialization failure.

    `work` must therefore do nothing outside the transaction. Raises what `work` raises, and Unavailable when
    Postgres is away or a lock is not had in time.
    """
    async with translated_errors():
        for attempt in range(ATTEMPTS):
            try:
                async with UnitOfWork(database) as unit:
                    result = await work(unit)
                    await unit.commit()
                    return result
            except exc.DBAPIError as error:
                if attempt + 1 == ATTEMPTS or not _is_retried(error):
                    raise
            await sleep(FIRST_PAUSE_S * 2**attempt * (0.5 + random.random()))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable: the last attempt returns or raises")


def _is_retried(error: exc.DBAPIError) -> bool:
    return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate in RETRIED_STATES
