"""Reading orders: one by id, and pages of them, newest first; called by the API, commits nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import NotFound
from order_service.orders.order import GoodsReturn, HistoryEntry, Order, OrderLine, ReturnedLine
from order_service.payments.payment_rows import payments_of, refunds_of
from order_service.pricing.totals import ShippingTax, Totals
from schemas.ids import OrderId, ReturnId, StoreId, UserId

COLUMNS = """
SELECT id, number, status, currency, total_minor, created_at, store_id, user_id, email, reason, note,
       shipping_address, billing_address, shipping_method, discount_code,
       coalesce(items_minor, total_minor) AS items_minor, discount_minor, shipping_minor, tax_minor, prices_include_tax,
       shipping_tax_name, shipping_tax_ppm, shipping_tax_minor
"""

ORDER_BY_ID = text(COLUMNS + "FROM orders WHERE id = :id")

LINES = text("""
SELECT order_id, product_id, sku, product_title, quantity, unit_price_minor, line_total_minor, store_id,
       discount_minor, tax_name, tax_ppm, tax_minor, returned
FROM order_lines WHERE order_id = ANY(CAST(:ids AS uuid[])) ORDER BY order_id, line_number
""")

HISTORY = text("""
SELECT from_status, to_status, actor, reason, created_at FROM order_history WHERE order_id = :id ORDER BY id
""")

RETURNS = text("""
SELECT r.id, r.reason, r.actor, r.created_at, l.line_number, l.quantity, l.restocked
FROM returns r JOIN return_lines l ON l.return_id = r.id WHERE r.order_id = :id ORDER BY r.id, l.line_number
""")

CHOSEN = """
FROM orders WHERE (CAST(:user_id AS bigint) IS NULL OR user_id = :user_id)
  AND (CAST(:store_id AS bigint) IS NULL OR store_id = :store_id OR (store_id IS NULL AND EXISTS (
      SELECT FROM order_lines l WHERE l.order_id = orders.id AND l.store_id = :store_id)))
  AND (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:created_from AS timestamptz) IS NULL OR created_at >= :created_from)
  AND (CAST(:created_to AS timestamptz) IS NULL OR created_at < :created_to)
"""

TOTALS = ("items_minor", "discount_minor", "shipping_minor", "tax_minor", "prices_include_tax")
SHIPPING_TAX = ("shipping_tax_name", "shipping_tax_ppm", "shipping_tax_minor")

COUNT = text("SELECT count(*) " + CHOSEN)

PAGE = text(COLUMNS + CHOSEN + "ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset")


class OrderFilter(msgspec.Struct, frozen=True):
    """Which orders to list; None means any. A store's are those it serves a line of; `created_to` is exclusive."""

    user_id: UserId | None = None
    store_id: StoreId | None = None
    status: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


async def read_order(database: Database, order_id: OrderId) -> Order:
    """Read one order with its lines, history, payments, refunds and returns; raises NotFound.

    Whose it may be shown to is the caller's business.
    """
    async with translated_errors(), database.reads.connect() as connection:
        return await order_in(connection, order_id)


async def order_in(connection: AsyncConnection, order_id: OrderId) -> Order:
    """Read one order as `read_order` does, in the caller's connection."""
    row = (await connection.execute(ORDER_BY_ID, {"id": order_id})).one_or_none()
    if row is None:
        raise NotFound("order", str(order_id))
    lines = await _lines_of(connection, [order_id])
    history = [HistoryEntry(**entry) for entry in (await connection.execute(HISTORY, {"id": order_id})).mappings()]
    return msgspec.structs.replace(
        _order(row, lines.get(order_id, []), history),
        payments=await payments_of(connection, order_id),
        refunds=await refunds_of(connection, order_id),
        returns=await _returns_of(connection, order_id),
    )


async def list_orders(database: Database, chosen: OrderFilter, *, page: int, page_size: int) -> tuple[list[Order], int]:
    """Read one page (from 1) of the chosen orders, newest first, with lines but without history; and their number."""
    values = msgspec.structs.asdict(chosen)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, values)).scalar_one()
        paging = page_bounds(page, page_size)
        rows = (await connection.execute(PAGE, {**values, **paging})).all()
        lines = await _lines_of(connection, [row.id for row in rows])
    return [_order(row, lines.get(row.id, []), []) for row in rows], count


async def _returns_of(connection: AsyncConnection, order_id: OrderId) -> list[GoodsReturn]:
    returns: dict[ReturnId, GoodsReturn] = {}
    for row in await connection.execute(RETURNS, {"id": order_id}):
        made = returns.setdefault(row.id, GoodsReturn(row.id, row.reason, row.actor, row.created_at, []))
        made.lines.append(ReturnedLine(row.line_number, row.quantity, row.restocked))
    return list(returns.values())


async def _lines_of(connection: AsyncConnection, order_ids: list[OrderId]) -> Mapping[OrderId, list[OrderLine]]:
    lines: dict[OrderId, list[OrderLine]] = {}
    for row in (await connection.execute(LINES, {"ids": order_ids})).mappings():
        values = dict(row)
        lines.setdefault(values.pop("order_id"), []).append(OrderLine(**values))
    return lines


def _order(row: Row[Any], lines: list[OrderLine], history: list[HistoryEntry]) -> Order:
    columns = dict(row._mapping)  # noqa: SLF001 - the documented name of a row's mapping
    shipping_tax = ShippingTax(*(columns.pop(name) for name in SHIPPING_TAX))
    totals = Totals(**{name: columns.pop(name) for name in TOTALS}, shipping_tax=shipping_tax)
    return Order(**columns, lines=lines, history=history, totals=totals)
