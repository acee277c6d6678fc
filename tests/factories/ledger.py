"""Reads what a test wants to know of the tables behind the use cases: ledger sums, marks, reservations."""

from typing import Any

from sqlalchemy import text

from order_service.database.engine import Database


async def rows(database: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run a query and give its rows as tuples."""
    async with database.reads.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement), values)]


async def ledger(database: Database, store_id: int, product_id: int) -> list[tuple[Any, ...]]:
    """Give (kind, quantity) of every movement of a level, in order."""
    return await rows(
        database,
        "SELECT kind, quantity FROM stock_movements WHERE store_id = :s AND product_id = :p ORDER BY id",
        s=store_id,
        p=product_id,
    )


async def marks(database: Database, product_id: int) -> int:
    """Count the marks that wait for the relay."""
    found = await rows(database, "SELECT count(*) FROM product_changes WHERE product_id = :p", p=product_id)
    return int(found[0][0])


async def reserve(database: Database, store_id: int, product_id: int, quantity: int) -> None:
    """Promise pieces to nobody in particular."""
    statement = "UPDATE stock_levels SET reserved = :q WHERE store_id = :s AND product_id = :p"
    async with database.writes.begin() as connection:
        await connection.execute(text(statement), {"q": quantity, "s": store_id, "p": product_id})
