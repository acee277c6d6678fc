"""The one lock that keeps two rebuilds from running at once; used by the rebuild."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

REBUILD_LOCK = 0x72_65_69_6E_64_65_78  # "reindex"; any constant does, as long as every release uses the same

TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
UNLOCK = text("SELECT pg_advisory_unlock(:key)")


class RebuildIsRunning(Exception):
    """Another process holds the lock."""


@asynccontextmanager
async def rebuild_lock(database: Database) -> AsyncIterator[None]:
    """Hold the lock; raises RebuildIsRunning at once when it is taken.

    It is a session's lock: Postgres frees it when the process dies, so there is never a stale one.
    """
    async with translated_errors(), database.reads.connect() as connection:
        if not await connection.scalar(TRY_LOCK, {"key": REBUILD_LOCK}):
            raise RebuildIsRunning
        try:
            yield
        finally:
            await connection.execute(UNLOCK, {"key": REBUILD_LOCK})
