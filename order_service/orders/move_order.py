"""Moving an order to another state, with everything that follows from it, in one transaction."""

from typing import NamedTuple

import msgspec
from sqlalchemy import text

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.catalog.mark_changed import mark_changed
from order_service.database.engine import Database
from order_service.errors import FieldFault, ForbiddenMove, InvalidInput, NotFound
from order_service.orders.order import Order, event_of
from order_service.orders.read_orders import order_in
from order_service.orders.states import RESTOCKING, STATUSES, allowed_moves
from order_service.outbox.append import append_to_outbox, outbox_row
from order_service.pricing.use_discounts import give_use_back
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.events.order_events import TYPE_OF_STATUS
from schemas.ids import OrderId, UserId

LOCK = text("SELECT status, user_id, event_sequence FROM orders WHERE id = :id FOR NO KEY UPDATE")

MOVE = text("""
WITH moved AS (
    UPDATE orders SET status = :wanted, event_sequence = event_sequence + 1, updated_at = now() WHERE id = :id
)
INSERT INTO order_history (order_id, from_status, to_status, actor, reason)
VALUES (:id, :current, :wanted, :actor, :reason)
""")

RESTOCK = text("""
WITH lines AS MATERIALIZED (
    SELECT store_id, product_id, quantity FROM order_lines WHERE order_id = :id AND store_id IS NOT NULL
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
"""Puts the lines back and gives the products that were out of stock at their store until now."""


class Mover(NamedTuple):
    """Who asks for the move; an owner reaches only their own orders."""

    user_id: UserId
    is_staff: bool

    @property
    def name(self) -> str:
        """How history and ledger name them."""
        return f"{'staff' if self.is_staff else 'user'}:{self.user_id}"


class Move(NamedTuple):
    """Where an order is to go, why, and in which HTTP request."""

    wanted: str
    reason: str = ""
    request_id: str | None = None


async def move_order(
    database: Database, order_id: OrderId, move: Move, mover: Mover, *, payment_required: bool
) -> Order:
    """Move the order and commit; returns it as it stands then.

    `move.wanted` may be in any letter case. A cancelled order's goods go back to stock in the same transaction.
    Raises InvalidInput for an unknown status, NotFound for no order or a foreign one, ForbiddenMove with the allowed
    moves, Unavailable.
    """
    wanted = move.wanted.upper()
    if wanted not in STATUSES:
        raise InvalidInput([FieldFault("status", f"is not one of {', '.join(STATUSES)}")])

    async def work(unit: UnitOfWork) -> Order:
        sequence = await _move(unit, order_id, move._replace(wanted=wanted), mover, payment_required=payment_required)
        order = await order_in(unit.connection, order_id)
        event = event_of(order)
        reasoned = msgspec.structs.replace(event, reason=move.reason or event.reason)
        row = outbox_row("order", str(order_id), TYPE_OF_STATUS[wanted], reasoned, sequence, move.request_id)
        await append_to_outbox(unit.connection, [row])
        if mover.is_staff:
            deed = Deed(
                action="order.move", subject=f"order:{order_id}", details={"status": wanted}, reason=move.reason
            )
            await record(unit.connection, Actor(f"user:{mover.user_id}", move.request_id), deed)
        return order

    return await in_unit_of_work(database, work)


async def _move(unit: UnitOfWork, order_id: OrderId, move: Move, mover: Mover, *, payment_required: bool) -> int:
    """Check and write the move; returns the sequence of its event. The order's row lock keeps sequences gapless."""
    row = (await unit.connection.execute(LOCK, {"id": order_id})).one_or_none()
    if row is None or not (mover.is_staff or row.user_id == mover.user_id):
        raise NotFound("order", str(order_id))
    allowed = allowed_moves(row.status, payment_required=payment_required, is_staff=mover.is_staff)
    if move.wanted not in allowed:
        raise ForbiddenMove(
            f"an order that is {row.status} cannot become {move.wanted}", row.status, move.wanted, allowed
        )
    values = {"id": order_id, "actor": mover.name, "reason": move.reason}
    await unit.connection.execute(MOVE, {**values, "current": row.status, "wanted": move.wanted})
    if move.wanted in RESTOCKING:
        await give_use_back(unit.connection, order_id)
        back = (await unit.connection.execute(RESTOCK, values)).scalars().all()
        await mark_changed(unit.connection, sorted(set(back)), move.request_id)
    return int(row.event_sequence) + 1
