"""Emptying and closing carts, with what they hold given back; called by the API, the jobs and checkout."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import Cart, CartOwner, OpenCart
from order_service.carts.lock_carts import lock_open_carts
from order_service.carts.read_cart import cart_in
from order_service.carts.release_stock import release_stock
from order_service.database.engine import Database
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import CartId

EMPTY = text("DELETE FROM cart_items WHERE cart_id = :cart")
TOUCH = text("UPDATE carts SET active_at = now(), store_id = NULL WHERE id = :cart")

CLOSE = text("""
UPDATE carts SET status = :status, closed_at = now(), client_digest = NULL WHERE id = ANY(CAST(:carts AS uuid[]))
""")


async def clear_cart(database: Database, owner: CartOwner, request_id: str | None = None) -> Cart | None:
    """Take everything out of the owner's open cart, which stays; commits. None when there is no cart."""

    async def work(unit: UnitOfWork) -> Cart | None:
        cart = (await lock_open_carts(unit.connection, [owner])).get(owner.name)
        return None if cart is None else await clear_in(unit.connection, cart, request_id)

    return await in_unit_of_work(database, work)


async def abandon_cart(database: Database, owner: CartOwner, request_id: str | None = None) -> Cart | None:
    """Give back what the owner's open cart holds and close it; commits. None when there is no cart."""

    async def work(unit: UnitOfWork) -> Cart | None:
        cart = (await lock_open_carts(unit.connection, [owner])).get(owner.name)
        return None if cart is None else await abandon_in(unit.connection, cart, request_id)

    return await in_unit_of_work(database, work)


async def clear_in(connection: AsyncConnection, cart: OpenCart, request_id: str | None) -> Cart:
    """Take everything out of this locked cart, in the caller's transaction."""
    await release_stock(connection, [cart.id], request_id)
    await connection.execute(EMPTY, {"cart": cart.id})
    await connection.execute(TOUCH, {"cart": cart.id})
    return await cart_in(connection, cart.id)


async def abandon_in(connection: AsyncConnection, cart: OpenCart, request_id: str | None) -> Cart:
    """Give back what this locked cart holds and close it, in the caller's transaction; its items stay to be read."""
    await release_stock(connection, [cart.id], request_id)
    await close_carts(connection, [cart.id], "ABANDONED")
    return await cart_in(connection, cart.id)


async def close_carts(connection: AsyncConnection, carts: Sequence[CartId], status: str) -> None:
    """Close these locked carts, which hold nothing any more, in the caller's transaction."""
    await connection.execute(CLOSE, {"carts": list(carts), "status": status})
