"""Locking open carts, by ascending id, and reading what is in them; every change of a cart begins here.

A cart's row lock guards its items and its reservations: nobody reads them to change them without it (ADR 0018).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import CartItem, CartOwner, OpenCart
from order_service.errors import Unavailable
from schemas.ids import CartId

ATTEMPTS = 3
"""A cart may be checked out between the moment it is found and the moment it is locked."""

LOCK_BY_OWNER = text("""
SELECT id, user_id, session_digest, client_digest, now(),
       (SELECT s.id FROM stores s WHERE s.id = carts.store_id AND s.deleted_at IS NULL) AS store_id
FROM carts
WHERE status = 'OPEN'
  AND (user_id = ANY(CAST(:user_ids AS bigint[])) OR session_digest = ANY(CAST(:sessions AS bytea[])))
ORDER BY carts.id FOR NO KEY UPDATE
""")

CREATE = text("""
INSERT INTO carts (user_id, session_digest, client_digest) VALUES (:user_id, :session, :client) ON CONFLICT DO NOTHING
""")

ITEMS = text("""
SELECT i.cart_id, i.id, i.product_id, p.title AS product_title, i.quantity, p.price_minor, i.seen_price_minor,
       p.deleted_at IS NULL AS is_on_sale, coalesce(r.quantity, 0) AS held, r.store_id, r.expires_at AS reserved_until,
       s.deleted_at IS NULL AS is_store_open
FROM cart_items i JOIN products p ON p.id = i.product_id LEFT JOIN reservations r ON r.item_id = i.id
LEFT JOIN stores s ON s.id = r.store_id
WHERE i.cart_id = ANY(CAST(:ids AS uuid[])) ORDER BY i.cart_id, i.id
""")


async def lock_open_carts(connection: AsyncConnection, owners: Sequence[CartOwner]) -> dict[str, OpenCart]:
    """Lock the open carts of these owners; gives them by the owner's name, without those that have none.

    Blocks for locks up to the lock time-out. What is in the carts is to be read by a later statement: this one may
    have waited for a change.
    """
    values = {
        "user_ids": [owner.user_id for owner in owners if owner.user_id is not None],
        "sessions": [owner.session for owner in owners if owner.session is not None],
    }
    carts = [OpenCart(*row) for row in await connection.execute(LOCK_BY_OWNER, values)]
    return {CartOwner(user_id=cart.user_id, session=cart.session).name: cart for cart in carts}


async def lock_or_create_cart(
    connection: AsyncConnection, owner: CartOwner, beside: Sequence[CartOwner] = ()
) -> dict[str, OpenCart]:
    """Lock the owner's open cart, made if there is none, and those open carts of `beside` that there are.

    Begins the transaction anew before it makes a cart: making one waits for another request that makes the same, which
    nobody may do who holds a lock.
    """
    for _ in range(ATTEMPTS):
        carts = await lock_open_carts(connection, [owner, *beside])
        if owner.name in carts:
            return carts
        await connection.rollback()
        await connection.execute(CREATE, {"user_id": owner.user_id, "session": owner.session, "client": owner.client})
    raise Unavailable


async def items_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[CartId, list[CartItem]]:
    """Read the items of these carts in the order in which they came; every id is in the answer."""
    items: dict[CartId, list[CartItem]] = {CartId(each): [] for each in ids}
    for row in (await connection.execute(ITEMS, {"ids": list(ids)})).mappings():
        values = dict(row)
        items[values.pop("cart_id")].append(CartItem(**values))
    return items
