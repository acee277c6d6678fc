"""Who may relay what: one advisory lock a shard, held by the very connection that reads and marks; for the loop.

Postgres gives the locks back when that connection ends, however it ends, and a relay that lost it cannot read
another row: so a shard never has two relays at work, save for one publish that was already on its way.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from order_service.database.engine import CONNECT_TIMEOUT_S, STATEMENT_TIMEOUT_MS, sqlalchemy_url
from schemas.settings import DatabaseSettings

LOCK_CLASS = 0x72656C79  # "rely": keeps these locks apart from everybody else's

DEAD_PEER_S = 10
"""A machine that vanished without a goodbye holds its shards this long: keep-alives on both sides find it out."""

CLAIM = text("""
SELECT shard FROM unnest(CAST(:shards AS integer[])) AS wanted(shard)
WHERE pg_try_advisory_lock(:lock_class, shard)
""")


@asynccontextmanager
async def lock_session(settings: DatabaseSettings) -> AsyncIterator[AsyncConnection]:
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
            "application_name": "aisle relay",
            **keepalives,
        },
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def claim(connection: AsyncConnection, shards: Iterable[int]) -> set[int]:
    """Lock those of the shards that nobody holds, and say which; waits for none. Ask for no shard twice."""
    found = await connection.execute(CLAIM, {"shards": sorted(shards), "lock_class": LOCK_CLASS})
    return set(found.scalars())
