"""How many products Postgres has, for the gate of a rebuild."""

from typing import NamedTuple

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

COUNT = text(
    "SELECT (SELECT count(*) FROM products WHERE deleted_at IS NULL), "
    "(SELECT count(DISTINCT product_id) FROM product_changes)"
)


class ProductCount(NamedTuple):
    """Products on sale, and products whose last change the relay has yet to publish, at one moment."""

    live: int
    unpublished: int


async def count_products(database: Database) -> ProductCount:
    """Count both in one statement."""
    async with translated_errors(), database.reads.connect() as connection:
        live, unpublished = (await connection.execute(COUNT)).one()
        return ProductCount(live, unpublished)
