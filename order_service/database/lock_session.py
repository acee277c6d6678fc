"""The connection that holds a process's advisory locks; opened by the relay and by the leader of the jobs.

Postgres gives the locks back when that connection ends, however it ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from order_service.database.engine import CONNECT_TIMEOUT_S, STATEMENT_TIMEOUT_MS, sqlalchemy_url
from schemas.settings import DatabaseSettings

DEAD_PEER_S = 10
"""A machine that vanished without a goodbye holds its locks this long: keep-alives on both sides find it out."""


@asynccontextmanager
async def lock_session(settings: DatabaseSettings, application: str) -> AsyncIterator[AsyncConnection]:
    """Open the one autocommit connection that will hold the locks; leaving closes it and so gives them up.

    Needs a connection of its own all the way to Postgres: a transaction-pooling proxy between would break the
    locks.
    """
    options = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC "
        f"-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
        f"-c tcp_user_timeout={DEAD_PEER_S * 1000}"
    )
    keepalives = {
        "keepalives_idle": 4,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": DEAD_PEER_S * 1000,
    }
    engine = create_async_engine(
        sqlalchemy_url(settings.url),
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        poolclass=NullPool,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": options,
            "application_name": application,
            **keepalives,
        },
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()
