"""Asks Postgres for a sign of life; called by the API's readiness check."""

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

SIGN_OF_LIFE = text("SELECT 1")


async def probe(database: Database) -> None:
    """Return when Postgres answers on a pooled connection; raises Unavailable otherwise, after the pool's time-outs."""
    async with translated_errors(), database.reads.connect() as connection:
        await connection.execute(SIGN_OF_LIFE)
