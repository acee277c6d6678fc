"""Reading carts: the open one of an owner, and one by id; called by the API and at the end of every change."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import Cart, CartOwner
from order_service.carts.lock_carts import items_of
from order_service.database.engine import Database, translated_errors
from order_service.errors import NotFound
from schemas.ids import CartId

BY_ID = text("SELECT id, status, user_id, store_id, created_at, active_at FROM carts WHERE id = :id")

OPEN = text("""
SELECT id FROM carts WHERE status = 'OPEN'
  AND (user_id = CAST(:user_id AS bigint) OR session_digest = CAST(:session AS bytea))
""")

NO_CART = Cart(id=None, items=[])


async def read_open_cart(database: Database, owner: CartOwner) -> Cart | None:
    """Read the owner's open cart with its items at their present prices; None without one. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        values = {"user_id": owner.user_id, "session": owner.session}
        cart_id = (await connection.execute(OPEN, values)).scalar_one_or_none()
        return None if cart_id is None else await cart_in(connection, cart_id)


async def cart_in(connection: AsyncConnection, cart_id: CartId) -> Cart:
    """Read one cart in the caller's connection; raises NotFound."""
    row = (await connection.execute(BY_ID, {"id": cart_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("cart", str(cart_id))
    items = await items_of(connection, [cart_id])
    return Cart(**row, items=items[cart_id])
