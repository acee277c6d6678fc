"""What every change of an order has in common: its row is locked first, and each change ends in an event.

Called by the use cases that move an order or its money. The row's lock keeps the event sequences without a gap, and
makes changes of an order's payments, refunds and returns wait for each other.
"""

from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.catalog.mark_changed import mark_changed
from order_service.errors import NotFound
from order_service.orders.order import Order, event_of
from order_service.orders.read_orders import order_in
from order_service.outbox.append import append_to_outbox, outbox_row
from schemas.events.order_events import TYPE_OF_STATUS
from schemas.ids import OrderId

LOCK = text("SELECT id FROM orders WHERE id = :id FOR NO KEY UPDATE")

MOVE = text("""
WITH moved AS (UPDATE orders SET status = :wanted, updated_at = now() WHERE id = :id)
INSERT INTO order_history (order_id, from_status, to_status, actor, reason)
VALUES (:id, :current, :wanted, :actor, :reason)
""")

NEXT_SEQUENCE = text("UPDATE orders SET event_sequence = event_sequence + 1 WHERE id = :id RETURNING event_sequence")

RESTOCK = text("""
WITH lines AS MATERIALIZED (
    SELECT store_id, product_id, quantity
    FROM unnest(CAST(:store_ids AS bigint[]), CAST(:product_ids AS bigint[]), CAST(:quantities AS bigint[]))
        AS l (store_id, product_id, quantity)
), locked AS MATERIALIZED (
    SELECT s.store_id, s.product_id, s.on_hand - s.reserved AS available
    FROM stock_levels s JOIN lines USING (store_id, product_id)
    ORDER BY s.store_id, s.product_id FOR NO KEY UPDATE OF s
), restocked AS (
    UPDATE stock_levels s SET on_hand = s.on_hand + l.quantity, returned = s.returned + l.quantity
    FROM lines l JOIN locked k USING (store_id, product_id)
    WHERE s.store_id = l.store_id AND s.product_id = l.product_id
), ledger AS (
    INSERT INTO stock_movements (store_id, product_id, kind, quantity, order_id, reason, actor)
    SELECT store_id, product_id, 'returned', quantity, :id, :reason, :actor FROM lines
)
SELECT product_id FROM locked WHERE available = 0 ORDER BY product_id
""")
"""Puts the pieces back and gives the products that were out of stock at their store until now."""


class Change(msgspec.Struct, frozen=True):
    """Who changes an order, why, and in which HTTP request if in one."""

    actor: str
    reason: str = ""
    request_id: str | None = None


async def locked_order(connection: AsyncConnection, order_id: OrderId) -> Order:
    """Lock the order's row until the transaction ends, and read the order with everything; raises NotFound."""
    if (await connection.execute(LOCK, {"id": order_id})).one_or_none() is None:
        raise NotFound("order", str(order_id))
    return await order_in(connection, order_id)


async def write_move(connection: AsyncConnection, order: Order, wanted: str, change: Change) -> Order:
    """Take a locked order to another state, with its history and its event; gives it as it stands then."""
    values = {"id": order.id, "current": order.status, "wanted": wanted, "actor": change.actor, "reason": change.reason}
    await connection.execute(MOVE, values)
    return await tell(connection, order.id, TYPE_OF_STATUS[wanted], change)


async def tell(connection: AsyncConnection, order_id: OrderId, event_type: str, change: Change) -> Order:
    """Write the event of what was done to a locked order; gives the order as the event tells it."""
    sequence = (await connection.execute(NEXT_SEQUENCE, {"id": order_id})).scalar_one()
    order = await order_in(connection, order_id)
    event = event_of(order)
    reasoned = msgspec.structs.replace(event, reason=change.reason or event.reason)
    row = outbox_row("order", str(order_id), event_type, reasoned, sequence, change.request_id)
    await append_to_outbox(connection, [row])
    return order


async def restock(connection: AsyncConnection, order: Order, pieces: dict[int, int], change: Change) -> None:
    """Put so many pieces of each line (by its number, from 1) back on the shelf that they were sold from."""
    lines = [(order.lines[number - 1], quantity) for number, quantity in pieces.items() if quantity]
    shelved = [(line, quantity) for line, quantity in lines if line.store_id is not None]
    values: dict[str, Any] = {
        "id": order.id,
        "store_ids": [line.store_id for line, _ in shelved],
        "product_ids": [line.product_id for line, _ in shelved],
        "quantities": [quantity for _, quantity in shelved],
        "actor": change.actor,
        "reason": change.reason,
    }
    rows: list[Row[Any]] = list((await connection.execute(RESTOCK, values)).all())
    await mark_changed(connection, sorted({row.product_id for row in rows}), change.request_id)
