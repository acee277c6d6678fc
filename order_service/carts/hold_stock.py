"""Holding stock for a cart: its reservations are taken anew, all from one store; called by every change of a cart.

The caller holds the cart's row. Levels are locked in (store, product) order, products are marked last (ADR 0003).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import CartItem, Level, OpenCart, held_levels
from order_service.carts.choose_store import WantedLine, choose_store
from order_service.carts.lock_carts import items_of
from order_service.carts.release_stock import release_reservations
from order_service.catalog.mark_changed import mark_changed
from order_service.errors import CartShort, ShortLine
from schemas.ids import CartId, CartItemId, ProductId, StoreId

LOCK_LEVELS = text("""
SELECT l.store_id, l.product_id, l.on_hand - l.reserved AS available
FROM stock_levels l
JOIN (
    SELECT DISTINCT store_id, product_id FROM unnest(CAST(:stores AS bigint[]), CAST(:products AS bigint[]))
        AS w (store_id, product_id)
) wanted USING (store_id, product_id)
ORDER BY l.store_id, l.product_id FOR NO KEY UPDATE OF l
""")

HOLD = text("""
WITH held AS (
    INSERT INTO reservations (item_id, cart_id, store_id, product_id, quantity, expires_at)
    SELECT item_id, CAST(:cart AS uuid), CAST(:store_id AS bigint), product_id, quantity,
           now() + make_interval(mins => :minutes)
    FROM unnest(CAST(:items AS bigint[]), CAST(:products AS bigint[]), CAST(:quantities AS bigint[]))
        AS h (item_id, product_id, quantity)
    RETURNING store_id, product_id, quantity
)
UPDATE stock_levels s SET reserved = s.reserved + h.quantity FROM held h
WHERE s.store_id = h.store_id AND s.product_id = h.product_id
""")


class ChosenStoreWasEmptied(Exception):
    """Another took the stock between choosing the store and locking it: try again in a new transaction."""


class Holding(NamedTuple):
    """How to hold: for so many minutes; `required` products must be had (None: all), the item `leaving` is given up."""

    minutes: int
    request_id: str | None
    required: frozenset[ProductId] | None = frozenset()
    leaving: CartItemId | None = None


async def hold_items(
    connection: AsyncConnection, cart: OpenCart, holding: Holding, given_up: Sequence[CartId] = ()
) -> None:
    """Hold every item of the cart, in place of what it and the carts `given_up` hold; the caller has locked them all.

    Items that were held stay held, and those of `holding.required` are held in full: CartShort names the lines for
    which that cannot be; the caller rolls back. Others, whose reservation had lapsed, are held where stock is left.
    """
    carts = [cart.id, *given_up]
    found = await items_of(connection, carts)
    own = held_levels([item for items in found.values() for item in items])
    items = [item for item in found[cart.id] if item.is_on_sale and item.id != holding.leaving]
    lines = [WantedLine(item.product_id, item.quantity, _is_required(item, holding)) for item in items]
    store = await choose_store(connection, carts, lines, cart.store_id)
    available = await _lock_levels(connection, store.store_id, items, own)
    before = dict(available)
    for level, quantity in own.items():
        available[level] += quantity
    short = short_lines(lines, store.store_id, available)
    if short:
        raise ChosenStoreWasEmptied if store.promised else CartShort(short)
    served = servable(items, store.store_id, available)
    await release_reservations(connection, carts)
    await connection.execute(HOLD, _columns(cart, holding, served, store.store_id))
    for item in served:
        available[_level(store.store_id, item)] -= item.quantity
    flipped = {level[1] for level, left in available.items() if (left > 0) != (before[level] > 0)}
    await mark_changed(connection, sorted(flipped), holding.request_id)


def short_lines(
    lines: Sequence[WantedLine], store_id: StoreId | None, available: Mapping[Level, int]
) -> list[ShortLine]:
    """List the required lines that the store cannot serve, each with what it has."""
    return [
        ShortLine(line.product_id, line.quantity, has)
        for line in lines
        if line.required and (has := _has(store_id, line.product_id, available)) < line.quantity
    ]


def servable(items: Sequence[CartItem], store_id: StoreId | None, available: Mapping[Level, int]) -> list[CartItem]:
    """List the items that the store can serve; one product is on one item only."""
    return [item for item in items if _has(store_id, item.product_id, available) >= item.quantity]


def _has(store_id: StoreId | None, product_id: ProductId, available: Mapping[Level, int]) -> int:
    return available.get((store_id, product_id), 0) if store_id is not None else 0


def _is_required(item: CartItem, holding: Holding) -> bool:
    return holding.required is None or item.product_id in holding.required or item.store_id is not None


def _level(store_id: StoreId | None, item: CartItem) -> Level:
    if store_id is None:
        raise TypeError("nothing is served from no store")
    return store_id, item.product_id


async def _lock_levels(
    connection: AsyncConnection, store_id: StoreId | None, items: Sequence[CartItem], own: Mapping[Level, int]
) -> dict[Level, int]:
    levels = [*own, *([(store_id, item.product_id) for item in items] if store_id is not None else [])]
    values = {"stores": [store for store, _ in levels], "products": [product for _, product in levels]}
    rows = await connection.execute(LOCK_LEVELS, values)
    return {(StoreId(row.store_id), ProductId(row.product_id)): row.available for row in rows}


def _columns(cart: OpenCart, holding: Holding, served: Sequence[CartItem], store_id: StoreId | None) -> dict[str, Any]:
    return {
        "cart": cart.id,
        "store_id": store_id,
        "minutes": holding.minutes,
        "items": [item.id for item in served],
        "products": [item.product_id for item in served],
        "quantities": [item.quantity for item in served],
    }
