"""Holding stock for a cart: its reservations are taken anew, all from one store; called by every change of a cart.

The caller holds the cart's row. Levels are locked in (store, product) order, products are marked last (ADR 0003).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import Cart, CartItem, Level, OpenCart, held_levels
from order_service.carts.choose_store import WantedLine, choose_store
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

WRITE = text("""
WITH gone AS (
    DELETE FROM reservations WHERE cart_id = ANY(CAST(:carts AS uuid[])) AND item_id <> ALL(CAST(:items AS bigint[]))
), held AS (
    INSERT INTO reservations (item_id, cart_id, store_id, product_id, quantity, expires_at)
    SELECT item_id, CAST(:cart AS uuid), CAST(:store_id AS bigint), product_id, quantity, :until
    FROM unnest(CAST(:items AS bigint[]), CAST(:products AS bigint[]), CAST(:quantities AS bigint[]))
        AS h (item_id, product_id, quantity)
    ON CONFLICT (item_id) DO UPDATE
    SET store_id = excluded.store_id, quantity = excluded.quantity, expires_at = excluded.expires_at
), touched AS (
    UPDATE carts SET active_at = now(), store_id = :asked WHERE id = :cart
)
UPDATE stock_levels s SET reserved = s.reserved + d.change
FROM unnest(CAST(:changed_stores AS bigint[]), CAST(:changed_products AS bigint[]), CAST(:changes AS bigint[]))
    AS d (store_id, product_id, change)
WHERE s.store_id = d.store_id AND s.product_id = d.product_id
""")
"""Takes the place of everything that the carts hold; each level changes by what is held more or less than before."""


class ChosenStoreWasEmptied(Exception):
    """Another took the stock between choosing the store and locking it: try again in a new transaction."""


class Holding(NamedTuple):
    """How to hold: for so many minutes; `required` products must be had (None: all), the item `leaving` is given up."""

    minutes: int
    request_id: str | None
    required: frozenset[ProductId] | None = frozenset()
    leaving: CartItemId | None = None


async def hold_items(
    connection: AsyncConnection, cart: OpenCart, found: Mapping[CartId, list[CartItem]], holding: Holding
) -> Cart:
    """Hold every item of the cart, in place of what it and other carts in `found` hold; gives the cart as it is then.

    The caller has locked these carts and read their items since. Items that were held stay held, and those of
    `holding.required` are held in full: CartShort names the lines for which that cannot be; the caller rolls back.
    Others, whose reservation had lapsed, are held where stock is left.
    """
    own = held_levels(item for items in found.values() for item in items)
    items = [item for item in found[cart.id] if item.id != holding.leaving]
    on_sale = [item for item in items if item.is_on_sale]
    lines = [WantedLine(item.product_id, item.quantity, _is_required(item, holding)) for item in on_sale]
    store = await choose_store(connection, list(found), lines, cart.store_id)
    before = await _lock_levels(connection, store.store_id, on_sale, own)
    free = {level: has + own.get(level, 0) for level, has in before.items()}
    short = short_lines(lines, store.store_id, free)
    if short:
        raise ChosenStoreWasEmptied if store.promised else CartShort(short)
    until = cart.now + timedelta(minutes=holding.minutes)
    held = [_held(item, store.store_id, until) for item in servable(on_sale, store.store_id, free)]
    after = held_levels(held)
    await connection.execute(WRITE, _columns(cart, list(found), held, until, own, after))
    flipped = {level[1] for level, has in before.items() if (has > 0) != (free[level] - after.get(level, 0) > 0)}
    await mark_changed(connection, sorted(flipped), holding.request_id)
    by_id = {item.id: item for item in held}
    left = [by_id.get(item.id) or _held(item, None, None) for item in items]
    return Cart(id=cart.id, items=left, user_id=cart.user_id, store_id=cart.store_id)


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


def _held(item: CartItem, store_id: StoreId | None, until: datetime | None) -> CartItem:
    """Give the item as it is when this store holds all of it, or none does."""
    held = 0 if store_id is None else item.quantity
    return msgspec.structs.replace(item, held=held, store_id=store_id, reserved_until=until, is_store_open=True)


async def _lock_levels(
    connection: AsyncConnection, store_id: StoreId | None, items: Sequence[CartItem], own: Mapping[Level, int]
) -> dict[Level, int]:
    levels = [*own, *([(store_id, item.product_id) for item in items] if store_id is not None else [])]
    values = {"stores": [store for store, _ in levels], "products": [product for _, product in levels]}
    rows = await connection.execute(LOCK_LEVELS, values)
    return {(StoreId(row.store_id), ProductId(row.product_id)): row.available for row in rows}


def _columns(  # noqa: PLR0913, PLR0917 - the parts of one statement, gathered in `hold_items`
    cart: OpenCart,
    carts: Sequence[CartId],
    held: Sequence[CartItem],
    until: datetime,
    own: Mapping[Level, int],
    after: Mapping[Level, int],
) -> dict[str, Any]:
    changes = {level: after.get(level, 0) - own.get(level, 0) for level in {**own, **after}}
    changed = [(level, change) for level, change in changes.items() if change]
    return {
        "cart": cart.id,
        "carts": carts,
        "asked": cart.store_id,
        "store_id": held[0].store_id if held else None,
        "until": until,
        "items": [item.id for item in held],
        "products": [item.product_id for item in held],
        "quantities": [item.quantity for item in held],
        "changed_stores": [level[0] for level, _ in changed],
        "changed_products": [level[1] for level, _ in changed],
        "changes": [change for _, change in changed],
    }
