"""Puts the first stock of a product that was created with `stock` into the default store; called by write_product.

The rule for every other change of stock is in order_service/stock/, which stands above the catalogue.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.errors import FieldFault
from schemas.ids import ProductId

MAX_ON_HAND = 10**9
"""Pieces of one product in one store: far above trade, and a bigint holds the sum over any number of stores."""

HAS_STORE = text("SELECT EXISTS (SELECT FROM stores WHERE deleted_at IS NULL)")
RECEIVE = text(
    """
    WITH level AS (
        INSERT INTO stock_levels (store_id, product_id, on_hand, received)
        SELECT min(id), :product_id, :quantity, :quantity FROM stores WHERE deleted_at IS NULL
        ON CONFLICT (store_id, product_id) DO UPDATE
        SET on_hand = stock_levels.on_hand + excluded.on_hand, received = stock_levels.received + excluded.received
        RETURNING store_id, product_id
    )
    INSERT INTO stock_movements (store_id, product_id, kind, quantity, reason, actor)
    SELECT store_id, product_id, 'received', :quantity, 'opening stock', :actor FROM level
    """
)


async def opening_stock_faults(connection: AsyncConnection, stock: int | None) -> list[FieldFault]:
    """Tell what is wrong with `stock`: below zero, too much, or there is no store to put it in."""
    if not stock:
        return []
    if not 0 < stock <= MAX_ON_HAND:
        return [FieldFault("stock", f"must be from 0 to {MAX_ON_HAND}")]
    has_store = (await connection.execute(HAS_STORE)).scalar_one()
    return [] if has_store else [FieldFault("stock", "there is no store to put it in")]


async def receive_opening_stock(
    connection: AsyncConnection, product_id: ProductId, quantity: int, actor: Actor
) -> None:
    """Receive the pieces in the lowest-id store, with the ledger row; the caller marks the product."""
    values = {"product_id": product_id, "quantity": quantity, "actor": actor.name}
    await connection.execute(RECEIVE, values)
