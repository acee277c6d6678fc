"""Giving back what carts hold; called by changes of carts, by checkout and by the expiry.

The caller holds the carts' rows, so nobody else adds or takes away reservations of theirs.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.catalog.mark_changed import mark_changed
from schemas.ids import CartId, ProductId

LOCK_HELD = text("""
SELECT l.store_id FROM stock_levels l
JOIN (SELECT DISTINCT store_id, product_id FROM reservations WHERE cart_id = ANY(CAST(:carts AS uuid[]))) held
    USING (store_id, product_id)
ORDER BY l.store_id, l.product_id FOR NO KEY UPDATE OF l
""")

RELEASE = text("""
WITH gone AS (
    DELETE FROM reservations WHERE cart_id = ANY(CAST(:carts AS uuid[])) RETURNING store_id, product_id, quantity
)
UPDATE stock_levels s SET reserved = s.reserved - g.quantity
FROM (SELECT store_id, product_id, sum(quantity) AS quantity FROM gone GROUP BY 1, 2) g
WHERE s.store_id = g.store_id AND s.product_id = g.product_id
RETURNING s.product_id, s.on_hand - s.reserved = g.quantity AS was_sold_out
""")


async def release_reservations(connection: AsyncConnection, carts: Sequence[CartId]) -> list[ProductId]:
    """Delete every reservation of these carts and lower the levels; gives the products that were out of stock there.

    The levels are locked by the caller; see `release_stock` for one that is not.
    """
    rows = await connection.execute(RELEASE, {"carts": list(carts)})
    return sorted({ProductId(row.product_id) for row in rows if row.was_sold_out})


async def release_stock(connection: AsyncConnection, carts: Sequence[CartId], request_id: str | None) -> None:
    """Lock the levels, give back what these carts hold, and mark the products that are in stock again."""
    await connection.execute(LOCK_HELD, {"carts": list(carts)})
    await mark_changed(connection, await release_reservations(connection, carts), request_id)
