"""What Postgres knows about one product's way into the index, for explanations of searches."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

READ = text("""
    SELECT sku, title, version, deleted_at IS NOT NULL AS deleted, updated_at,
           CAST(1000 * extract(epoch FROM clock_timestamp() - updated_at) AS bigint) AS age_ms,
           EXISTS (SELECT FROM product_changes WHERE product_id = products.id) AS waits_for_relay
    FROM products WHERE id = :id
""")


class ProductState(NamedTuple):
    """A product's row: when it last changed, how long ago in ms, and whether that is yet to be published."""

    sku: str
    title: str
    version: int
    deleted: bool
    updated_at: datetime
    age_ms: int
    waits_for_relay: bool


async def read_state(database: Database, product_id: int) -> ProductState | None:
    """Give the state of one product; None when there never was one with that id. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(READ, {"id": product_id})).one_or_none()
        return None if row is None else ProductState(*row)
