"""The two engines that a process uses: autocommit for reads, transactional for writes.

An autocommit engine that skips the closing ROLLBACK saves a third of the client's CPU on single-statement reads
(measured, see docs/explanation/database.md).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import create_async_engine

from order_service.database.fair_engine import FairEngine
from order_service.errors import Unavailable
from schemas.settings import DatabaseSettings

STATEMENT_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 2_000
CONNECT_TIMEOUT_S = 3
POOL_TIMEOUT_S = 2


@dataclass(frozen=True, slots=True)
class Database:
    """Both engines; share one per process and event loop, and `close` it at the end."""

    reads: FairEngine
    writes: FairEngine

    async def close(self) -> None:
        """Close every pooled connection; waits for none that is in use."""
        await self.reads.dispose()
        await self.writes.dispose()


def open_database(
    settings: DatabaseSettings,
    *,
    application: str = "aisle",
    statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
) -> Database:
    """Make both engines without connecting; `statement_timeout_ms=0` is for imports and rebuilds."""
    url = sqlalchemy_url(settings.url)
    options = (
        f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={LOCK_TIMEOUT_MS} "
        f"-c idle_in_transaction_session_timeout={max(statement_timeout_ms, STATEMENT_TIMEOUT_MS)} -c timezone=UTC"
    )
    connect = {"connect_timeout": CONNECT_TIMEOUT_S, "options": options, "application_name": application}

    def engine(isolation_level: str, *, skip_rollback: bool) -> FairEngine:
        made = create_async_engine(
            url,
            isolation_level=isolation_level,
            skip_autocommit_rollback=skip_rollback,
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=False,
            connect_args=connect,
        )
        return FairEngine(made, settings.pool_size, POOL_TIMEOUT_S)

    return Database(
        reads=engine("AUTOCOMMIT", skip_rollback=True), writes=engine("READ COMMITTED", skip_rollback=False)
    )


def sqlalchemy_url(url: str) -> str:
    """Turn `postgresql://…` into the form that names the psycopg driver."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))


@asynccontextmanager
async def translated_errors() -> AsyncIterator[None]:
    """Turn the driver's word for "away", "locked" or "too slow" into Unavailable; other errors pass as they are."""
    try:
        yield
    except (exc.TimeoutError, exc.InterfaceError) as error:
        raise Unavailable from error
    except exc.DBAPIError as error:
        if is_passing(error):
            raise Unavailable from error
        raise


PASSING_STATES = frozenset({"55P03", "57014", "57P01", "57P02", "57P03", "53300", "25P03"})
"""lock timeout, cancelled by time-out, three of shutting down and starting up, too many connections, idle too long."""


def is_passing(error: exc.DBAPIError) -> bool:
    """Whether the same call may succeed a moment later: no connection, a lock or time-out, a server starting."""
    original = error.orig
    if error.connection_invalidated or not isinstance(original, psycopg.Error):
        return error.connection_invalidated
    return original.sqlstate in PASSING_STATES or (
        original.sqlstate is None and isinstance(original, psycopg.OperationalError)
    )
