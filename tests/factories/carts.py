"""Shoppers and their carts, filled through the real use cases."""

import uuid

from order_service.carts.cart import Cart, CartItem, CartOwner
from order_service.carts.change_items import NewItem, add_item
from order_service.carts.read_cart import read_open_cart
from order_service.database.engine import Database
from schemas.ids import CartId, CartItemId, ProductId, StoreId
from schemas.shop_settings import CartSettings
from tests.factories.ledger import rows

SETTINGS = CartSettings()

LEVELS = """
SELECT l.store_id, l.reserved, CAST(coalesce(sum(r.quantity), 0) AS bigint) FROM stock_levels l
LEFT JOIN reservations r USING (store_id, product_id) WHERE l.product_id = :p GROUP BY 1, 2 ORDER BY 1
"""


def guest(client: bytes | None = None) -> CartOwner:
    """A guest nobody knows yet."""
    return CartOwner.of_session(str(uuid.uuid4()), client)


async def put(  # noqa: PLR0913 - what and for whom, and what tests vary
    database: Database,
    owner: CartOwner,
    product_id: ProductId,
    quantity: int = 1,
    *,
    store_id: StoreId | None = None,
    settings: CartSettings = SETTINGS,
) -> Cart:
    """Put so many into the owner's cart."""
    return await add_item(database, owner, NewItem(product_id, quantity, store_id), settings)


async def open_cart(database: Database, owner: CartOwner) -> Cart:
    """Read the owner's open cart, which must be there."""
    cart = await read_open_cart(database, owner)
    assert cart is not None
    return cart


def id_of(cart: Cart) -> CartId:
    """The id of a cart that exists."""
    assert cart.id is not None
    return cart.id


def contents(cart: Cart) -> list[tuple[ProductId, int]]:
    """Give (product, quantity) of every item."""
    return [(item.product_id, item.quantity) for item in cart.items]


def item_of(cart: Cart, product_id: ProductId) -> CartItem:
    """The item with this product."""
    return next(item for item in cart.items if item.product_id == product_id)


def item_id_of(cart: Cart, product_id: ProductId) -> CartItemId:
    """The id of the item with this product."""
    return item_of(cart, product_id).id


async def reserved(database: Database, product_id: ProductId) -> dict[StoreId, int]:
    """Give what is reserved of the product in each store, 0 left out, after checking it against the reservations."""
    levels = await rows(database, LEVELS, p=product_id)
    assert [(store, has) for store, has, _ in levels] == [(store, held) for store, _, held in levels]
    return {store: has for store, has, _ in levels if has}
