"""Cancels orders that nobody paid in time, where payment is required; one task of `aisle jobs`."""

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors
from order_service.orders.move_order import move_locked
from order_service.orders.order import Order
from order_service.orders.order_changes import Change, locked_order
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId

AT_ONCE = 100

CHANGE = Change("job:cancel-unpaid", "not paid in time")

DUE = text("""
SELECT o.id FROM orders o
WHERE o.status = 'CONFIRMED' AND o.total_minor > 0 AND o.created_at < now() - make_interval(mins => :minutes)
  AND NOT EXISTS (
      SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status IN ('PENDING', 'AUTHORISED', 'CAPTURING')
  )
ORDER BY o.created_at LIMIT :most
""")

DECIDING = frozenset({"PENDING", "AUTHORISED", "CAPTURING"})
"""A payment in one of these may yet make the order PAID: its answer is waited for, or staff capture it."""


async def cancel_unpaid_orders(database: Database, minutes: int) -> int:
    """Cancel every CONFIRMED order older than so many minutes that is not being paid; gives how many.

    Commits an order at a time, with its goods back on the shelf. Money that came in for a part of it is in flight
    back; a payment that its shopper never finished is being given up. Raises Unavailable.
    """
    cancelled = 0
    while True:
        async with translated_errors(), database.reads.connect() as connection:
            due = (await connection.execute(DUE, {"minutes": minutes, "most": AT_ONCE})).scalars().all()
        done = [await _cancel(database, order_id) for order_id in due]
        cancelled += sum(done)
        if len(due) < AT_ONCE or not any(done):
            return cancelled


async def _cancel(database: Database, order_id: OrderId) -> bool:
    async def work(unit: UnitOfWork) -> bool:
        order = await locked_order(unit.connection, order_id)
        if not _is_unpaid(order):
            return False
        await move_locked(unit.connection, order, "CANCELLED", CHANGE)
        return True

    return await in_unit_of_work(database, work)


def _is_unpaid(order: Order) -> bool:
    """Whether it still is, now that its row is locked."""
    return order.status == "CONFIRMED" and all(payment.status not in DECIDING for payment in order.payments)
