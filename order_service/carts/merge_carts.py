"""Merging a guest's cart into a user's: quantities sum, everything is held anew, or nothing changes.

Called by the API when somebody asks for it, when a guest signs in, and for staff.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import Cart, CartOwner, OpenCart
from order_service.carts.change_items import check_caps, in_cart_change
from order_service.carts.hold_stock import Holding, hold_items
from order_service.carts.lock_carts import items_of, lock_or_create_cart
from order_service.database.engine import Database
from order_service.errors import NoOpenCart
from order_service.unit_of_work import UnitOfWork
from schemas.ids import UserId
from schemas.shop_settings import CartSettings

SUM = text("""
INSERT INTO cart_items (cart_id, product_id, quantity, seen_price_minor)
SELECT :kept, product_id, quantity, seen_price_minor FROM cart_items WHERE cart_id = :merged ORDER BY id
ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = cart_items.quantity + excluded.quantity
""")

EMPTY = text("DELETE FROM cart_items WHERE cart_id = :merged")

CLOSE = text("""
UPDATE carts SET status = 'MERGED', merged_into = :kept, closed_at = now(), client_digest = NULL WHERE id = :merged
""")


async def merge_guest_cart(
    database: Database, user_id: UserId, guest: CartOwner, settings: CartSettings, request_id: str | None = None
) -> Cart:
    """Bring the guest's items into the user's open cart, which is made if there is none; commits.

    A product in both is there once with the sum, at the price that the user saw. Raises NoOpenCart when the guest has
    none, CartShort and InvalidInput when the sum cannot be held: then neither cart has changed. Unavailable.
    """
    user = CartOwner(user_id=user_id)

    async def work(unit: UnitOfWork) -> Cart:
        carts = await lock_or_create_cart(unit.connection, user, [guest])
        if guest.name not in carts:
            raise NoOpenCart
        holding = Holding(settings.reservation_minutes, request_id, required=None)
        return await merge_in(unit.connection, carts[user.name], carts[guest.name], holding, settings)

    return await in_cart_change(database, work)


async def merge_in(
    connection: AsyncConnection, kept: OpenCart, merged: OpenCart, holding: Holding, settings: CartSettings
) -> Cart:
    """Merge one locked cart into another, in the caller's transaction; raises what `merge_guest_cart` raises."""
    ids = {"kept": kept.id, "merged": merged.id}
    await connection.execute(SUM, ids)
    found = await items_of(connection, [kept.id, merged.id])
    await check_caps(connection, kept, [item.quantity for item in found[kept.id]], settings)
    kept = kept._replace(store_id=kept.store_id if kept.store_id is not None else merged.store_id)
    cart = await hold_items(connection, kept, found, holding)
    await connection.execute(EMPTY, ids)
    await connection.execute(CLOSE, ids)
    return cart
