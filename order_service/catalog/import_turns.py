"""Makes imports that run at the same time write their batches in turn; called by each batch of the three imports."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IMPORT_LOCK = 0x66_65_65_64  # "feed"; any constant does, as long as every import uses the same

PATIENCE = text("SET LOCAL lock_timeout = '60s'")
TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:key)")


async def take_turn(connection: AsyncConnection) -> None:
    """Wait until no other import is writing a batch, at most a minute; held to the end of the transaction.

    Nobody waits for an import as a shopper waits for an answer, so it is more patient with locks than a request.
    """
    await connection.execute(PATIENCE)
    await connection.execute(TAKE_TURNS, {"key": IMPORT_LOCK})
