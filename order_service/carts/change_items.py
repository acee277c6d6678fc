"""Putting products into a cart, changing how many, taking them out; called by the API.

Every change holds the stock at once and renews the cart's other reservations; what cannot be held changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import MAX_LINES, Cart, CartOwner, OpenCart
from order_service.carts.hold_stock import ChosenStoreWasEmptied, Holding, hold_items
from order_service.carts.lock_carts import items_of, lock_open_carts, lock_or_create_cart
from order_service.database.engine import Database
from order_service.errors import FieldFault, InvalidInput, NoOpenCart, NotFound, Unavailable
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import CartItemId, ProductId, StoreId
from schemas.shop_settings import CartSettings

CHOICES = 5
"""How often another store is chosen when the chosen one was emptied in between."""

HAS_STORE = text("SELECT EXISTS (SELECT FROM stores WHERE id = :id AND deleted_at IS NULL)")

PUT = text("""
INSERT INTO cart_items (cart_id, product_id, quantity, seen_price_minor)
SELECT :cart, id, :quantity, price_minor FROM products WHERE id = :product_id AND deleted_at IS NULL
ON CONFLICT (cart_id, product_id)
DO UPDATE SET quantity = cart_items.quantity + excluded.quantity, seen_price_minor = excluded.seen_price_minor
RETURNING id
""")

SET_QUANTITY = text("""
UPDATE cart_items i SET quantity = :quantity, seen_price_minor = p.price_minor
FROM products p
WHERE i.id = :item AND i.cart_id = :cart AND p.id = i.product_id AND p.deleted_at IS NULL
RETURNING i.product_id
""")

REMOVE = text("DELETE FROM cart_items WHERE id = :item")

BESIDE = text("""
SELECT coalesce(sum(r.quantity), 0) FROM reservations r JOIN carts c ON c.id = r.cart_id
WHERE c.client_digest = :client AND c.status = 'OPEN' AND c.id <> :cart
""")
"""What other guests of the same address hold, read without locking their carts."""

Result = TypeVar("Result")


class NewItem(msgspec.Struct, frozen=True):
    """So many of one product, from this store if one is asked for; more of a product that is in the cart is added."""

    product_id: ProductId
    quantity: int
    store_id: StoreId | None = None


async def add_item(
    database: Database, owner: CartOwner, wanted: NewItem, settings: CartSettings, request_id: str | None = None
) -> Cart:
    """Put the product into the owner's cart, which is made if there is none, and hold it; commits.

    Raises InvalidInput for a product or store that is not there and for more than a cart may hold, CartShort when the
    stock is not there, Unavailable.
    """

    async def work(unit: UnitOfWork) -> Cart:
        cart = (await lock_or_create_cart(unit.connection, owner))[owner.name]
        if wanted.store_id is not None:
            cart = await _ask_for_store(unit.connection, cart, wanted.store_id)
        values = {"cart": cart.id, "product_id": wanted.product_id, "quantity": wanted.quantity}
        if (await unit.connection.execute(PUT, values)).one_or_none() is None:
            raise InvalidInput([FieldFault("product_id", "is not a product on sale")])
        holding = Holding(settings.reservation_minutes, request_id, frozenset({wanted.product_id}))
        return await _settled(unit.connection, cart, holding, settings)

    return await in_cart_change(database, work)


async def set_quantity(  # noqa: PLR0913, PLR0917 - which item of which cart, what of it, under which rules
    database: Database,
    owner: CartOwner,
    item_id: CartItemId,
    quantity: int,
    settings: CartSettings,
    request_id: str | None = None,
) -> Cart:
    """Hold another number of pieces of an item and take its present price as seen; commits.

    Raises NotFound for an item that is not in the owner's open cart, or whose product left the shop; and what
    `add_item` raises.
    """

    async def work(unit: UnitOfWork) -> Cart:
        cart = await locked_cart(unit.connection, owner)
        values = {"cart": cart.id, "item": item_id, "quantity": quantity}
        row = (await unit.connection.execute(SET_QUANTITY, values)).one_or_none()
        if row is None:
            raise NotFound("cart item", str(item_id))
        holding = Holding(settings.reservation_minutes, request_id, frozenset({row.product_id}))
        return await _settled(unit.connection, cart, holding, settings)

    return await in_cart_change(database, work)


async def remove_item(
    database: Database, owner: CartOwner, item_id: CartItemId, settings: CartSettings, request_id: str | None = None
) -> Cart:
    """Take an item out and give back what it held; commits. Raises NotFound as `set_quantity` does, Unavailable."""

    async def work(unit: UnitOfWork) -> Cart:
        cart = await locked_cart(unit.connection, owner)
        found = await items_of(unit.connection, [cart.id])
        if all(item.id != item_id for item in found[cart.id]):
            raise NotFound("cart item", str(item_id))
        holding = Holding(settings.reservation_minutes, request_id, leaving=item_id)
        left = await hold_items(unit.connection, cart, found, holding)
        await unit.connection.execute(REMOVE, {"item": item_id})
        return left

    return await in_cart_change(database, work)


async def in_cart_change(database: Database, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
    """Run `work` in a transaction, anew when the store it chose was emptied meanwhile; raises what `work` raises."""
    for _ in range(CHOICES):
        try:
            return await in_unit_of_work(database, work)
        except ChosenStoreWasEmptied:
            continue
    raise Unavailable


async def locked_cart(connection: AsyncConnection, owner: CartOwner) -> OpenCart:
    """Lock the owner's open cart; raises NoOpenCart."""
    cart = (await lock_open_carts(connection, [owner])).get(owner.name)
    if cart is None:
        raise NoOpenCart
    return cart


async def check_caps(
    connection: AsyncConnection, cart: OpenCart, quantities: Sequence[int], settings: CartSettings
) -> None:
    """Raise InvalidInput when that is more than a cart, or the guests of one address together, may hold."""
    pieces = sum(quantities)
    if len(quantities) > MAX_LINES:
        raise InvalidInput([FieldFault("product_id", f"is one more than the {MAX_LINES} that a cart takes")])
    if pieces > settings.max_pieces:
        raise InvalidInput([FieldFault("quantity", f"comes to more than the {settings.max_pieces} pieces of a cart")])
    if cart.client is not None:
        beside = await connection.execute(BESIDE, {"cart": cart.id, "client": cart.client})
        if pieces + beside.scalar_one() > settings.max_pieces_of_client:
            raise InvalidInput([FieldFault("quantity", "comes to more than guests of one address may hold together")])


async def _ask_for_store(connection: AsyncConnection, cart: OpenCart, store_id: StoreId) -> OpenCart:
    if not (await connection.execute(HAS_STORE, {"id": store_id})).scalar_one():
        raise InvalidInput([FieldFault("store_id", "is not a store")])
    return cart._replace(store_id=store_id)


async def _settled(connection: AsyncConnection, cart: OpenCart, holding: Holding, settings: CartSettings) -> Cart:
    found = await items_of(connection, [cart.id])
    await check_caps(connection, cart, [item.quantity for item in found[cart.id]], settings)
    return await hold_items(connection, cart, found, holding)
