"""How old the oldest product change is that searches cannot find yet, for the lag that answers tell."""

from datetime import datetime

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

OLDEST_AGE = text("""
    SELECT CAST(1000 * extract(epoch FROM clock_timestamp() - least(
        (SELECT created_at FROM product_changes ORDER BY id LIMIT 1),
        (SELECT min(updated_at) FROM products WHERE deleted_at IS NULL AND updated_at >= :after)
    )) AS bigint)
""")


async def oldest_unindexed_ms(database: Database, after: datetime) -> int:
    """Give the age in milliseconds of the oldest change from `after` on or yet to be published; 0 without one.

    Reads every product once. Raises Unavailable.
    """
    async with translated_errors(), database.reads.connect() as connection:
        age = await connection.scalar(OLDEST_AGE, {"after": after})
        return max(0, age or 0)
