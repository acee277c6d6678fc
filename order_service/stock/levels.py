"""Stock levels: read in batches for search pages, listed per store, and set by staff; called by the API."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.catalog.like_pattern import like_pattern
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.opening_stock import MAX_ON_HAND
from order_service.catalog.stores import read_store
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import FieldFault, InvalidInput, NotFound, StockBelowReserved
from order_service.stock.write_levels import WantedLevel, set_existing
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId, StoreId
from schemas.money import MinorUnits

MAX_REASON: Final = 500


class Level(msgspec.Struct, frozen=True):
    """One level after a change; `available` is on hand less reserved, `product_version` the one to wait for."""

    store_id: StoreId
    product_id: ProductId
    on_hand: int
    reserved: int
    available: int
    product_version: int


class LevelChange(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of a new `on_hand` and a signed `adjust_by`, in pieces."""

    on_hand: int | None = None
    adjust_by: int | None = None
    reason: str = ""


class InventoryRow(msgspec.Struct, frozen=True):
    """One product of a store's inventory; `id` is the product's, `quantity` is on hand less reserved."""

    id: ProductId
    product_title: str
    price_minor: MinorUnits
    category_name: str
    quantity: int


class InventoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a store's inventory is narrowed to; `q` is looked for in title and SKU."""

    q: str | None = None
    in_stock: bool | None = None


QUANTITIES: Final = text(
    """
    SELECT l.product_id, CAST(sum(l.on_hand - l.reserved) AS bigint) AS available
    FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
    WHERE l.product_id = ANY (CAST(:ids AS bigint[]))
        AND (CAST(:store_id AS bigint) IS NULL OR l.store_id = :store_id)
    GROUP BY l.product_id
    """
)
INVENTORY: Final = """
    FROM stock_levels l JOIN products p ON p.id = l.product_id AND p.deleted_at IS NULL
    JOIN categories c ON c.id = p.category_id
    WHERE l.store_id = :store_id AND l.product_id > :after
        AND (CAST(:q AS text) IS NULL OR p.title ILIKE :q OR p.sku ILIKE :q)
        AND (CAST(:in_stock AS boolean) IS NULL OR (l.on_hand > l.reserved) = :in_stock)
"""
INVENTORY_COUNT: Final = text(f"SELECT count(*) {INVENTORY}")
INVENTORY_ROWS: Final[TextClause] = text(
    f"""
    SELECT p.id, p.title, p.price_minor, c.name, l.on_hand - l.reserved {INVENTORY}
    ORDER BY l.product_id LIMIT :limit OFFSET :offset
    """
)
HAS_PRODUCT: Final = text("SELECT EXISTS (SELECT FROM products WHERE id = :id AND deleted_at IS NULL)")
HAS_STORE: Final = text("SELECT EXISTS (SELECT FROM stores WHERE id = :id AND deleted_at IS NULL)")
ENSURE: Final = text(
    "INSERT INTO stock_levels (store_id, product_id) VALUES (:store_id, :product_id) ON CONFLICT DO NOTHING"
)
LOCK: Final = text(
    """
    SELECT on_hand, reserved FROM stock_levels WHERE store_id = :store_id AND product_id = :product_id
    FOR NO KEY UPDATE
    """
)
VERSION: Final = text("SELECT version FROM products WHERE id = :id")


async def read_quantities(
    database: Database, product_ids: Sequence[ProductId], store_id: StoreId | None = None
) -> dict[ProductId, int]:
    """Read what is available of each product, in one statement: of the store, else summed over live stores.

    Every id asked for is in the answer, 0 where nothing is known of it.
    """
    quantities = dict.fromkeys(product_ids, 0)
    if quantities:
        values = {"ids": list(quantities), "store_id": store_id}
        async with translated_errors(), database.reads.connect() as connection:
            rows = await connection.execute(QUANTITIES, values)
            quantities |= {row.product_id: row.available for row in rows}
    return quantities


async def store_inventory(
    database: Database, store_id: StoreId, wanted: InventoryFilter, page: int, page_size: int
) -> tuple[list[InventoryRow], int]:
    """Read one page (from 1) by product id, and the count of all; raises NotFound for an unknown store."""
    await read_store(database, store_id)
    values = _inventory_values(store_id, wanted)
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(INVENTORY_COUNT, values)).scalar_one()
        rows = (await connection.execute(INVENTORY_ROWS, values | paging)).all()
    return [InventoryRow(*row) for row in rows], count


async def stream_store_inventory(
    database: Database, store_id: StoreId, wanted: InventoryFilter, batch_size: int = 1000
) -> AsyncIterator[list[InventoryRow]]:
    """Give the whole inventory by product id in batches, one short statement each; NotFound before the first."""
    await read_store(database, store_id)
    values = _inventory_values(store_id, wanted) | {"limit": batch_size, "offset": 0}
    while True:
        async with translated_errors(), database.reads.connect() as connection:
            found = await connection.execute(INVENTORY_ROWS, values)
            rows = [InventoryRow(*row) for row in found]
        if rows:
            yield rows
        if len(rows) < batch_size:
            return
        values["after"] = rows[-1].id


def _inventory_values(store_id: StoreId, wanted: InventoryFilter) -> dict[str, Any]:
    pattern = like_pattern(wanted.q) if wanted.q else None
    return {"store_id": store_id, "after": 0, "q": pattern, "in_stock": wanted.in_stock}


async def set_level(
    database: Database, store_id: StoreId, product_id: ProductId, change: LevelChange, actor: Actor
) -> Level:
    """Set or adjust one level with its ledger row; marks the product when the store goes in or out of stock.

    Raises NotFound (store or product), InvalidInput (neither or both given, below zero, out of bounds),
    StockBelowReserved.
    """
    _check(change)

    async def write(unit: UnitOfWork) -> Level:
        connection = unit.connection
        await _check_existence(connection, store_id, product_id)
        key = {"store_id": store_id, "product_id": product_id}
        await connection.execute(ENSURE, key)
        before = (await connection.execute(LOCK, key)).one()
        on_hand = _new_on_hand(change, before.on_hand)
        if on_hand < before.reserved:
            raise StockBelowReserved("stock would fall below what is reserved", reserved=before.reserved)
        level = WantedLevel(store_id, product_id, on_hand)
        verdicts = await set_existing(connection, [level], change.reason, actor)
        version = await _version(connection, product_id, actor, flipped=any(each.flipped for each in verdicts))
        await record(connection, actor, _deed(store_id, product_id, before.on_hand, on_hand, change.reason))
        return Level(store_id, product_id, on_hand, before.reserved, on_hand - before.reserved, version)

    return await in_unit_of_work(database, write)


def _deed(store_id: StoreId, product_id: ProductId, before: int, after: int, reason: str) -> Deed:
    details = {"store_id": store_id, "on_hand": {"before": before, "after": after}}
    return Deed(action="stock.set", subject=f"product:{product_id}", details=details, reason=reason)


def _check(change: LevelChange) -> None:
    if (change.on_hand is None) == (change.adjust_by is None):
        raise InvalidInput([FieldFault("on_hand", "give either on_hand or adjust_by")])
    faults = [
        FieldFault(name, f"must be from {low} to {MAX_ON_HAND}")
        for name, value, low in (("on_hand", change.on_hand, 0), ("adjust_by", change.adjust_by, -MAX_ON_HAND))
        if value is not None and not low <= value <= MAX_ON_HAND
    ]
    if len(change.reason) > MAX_REASON or "\x00" in change.reason:
        faults.append(FieldFault("reason", f"over {MAX_REASON} characters or with a NUL character"))
    if faults:
        raise InvalidInput(faults)


def _new_on_hand(change: LevelChange, on_hand: int) -> int:
    if change.on_hand is not None:
        return change.on_hand
    adjusted = on_hand + (change.adjust_by or 0)
    if not 0 <= adjusted <= MAX_ON_HAND:
        raise InvalidInput([FieldFault("adjust_by", f"would leave {adjusted} on hand")])
    return adjusted


async def _check_existence(connection: AsyncConnection, store_id: StoreId, product_id: ProductId) -> None:
    if not (await connection.execute(HAS_STORE, {"id": store_id})).scalar_one():
        raise NotFound("store", str(store_id))
    if not (await connection.execute(HAS_PRODUCT, {"id": product_id})).scalar_one():
        raise NotFound("product", str(product_id))


async def _version(connection: AsyncConnection, product_id: ProductId, actor: Actor, *, flipped: bool) -> int:
    if flipped:
        return (await mark_changed(connection, [product_id], actor.request_id))[product_id]
    return int((await connection.execute(VERSION, {"id": product_id})).scalar_one())
