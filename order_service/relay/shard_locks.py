"""Who may relay what: one advisory lock a shard, held by the very connection that reads and marks; for the loop.

Postgres gives the locks back when that connection ends, however it ends, and a relay that lost it cannot read
another row: so a shard never has two relays at work, save for one publish that was already on its way.
"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LOCK_CLASS = 0x72656C79  # "rely": keeps these locks apart from everybody else's

CLAIM = text("""
SELECT shard FROM unnest(CAST(:shards AS integer[])) AS wanted(shard)
WHERE pg_try_advisory_lock(:lock_class, shard)
""")


async def claim(connection: AsyncConnection, shards: Iterable[int]) -> set[int]:
    """Lock those of the shards that nobody holds, and say which; waits for none. Ask for no shard twice."""
    found = await connection.execute(CLAIM, {"shards": sorted(shards), "lock_class": LOCK_CLASS})
    return set(found.scalars())
