"""Goods that come back: how much of which line, on the shelf again or not, and what is paid back; called by the API."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import uuid_utils.compat
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database
from order_service.errors import Conflict, FieldFault, InvalidInput
from order_service.orders.change_money import Asked, MoneyChanged, change_money
from order_service.orders.money_plan import By, MoneyPlan, RefundWanted, plan_refund
from order_service.orders.order import GoodsReturn, Order, OrderLine, ReturnedLine
from order_service.orders.order_changes import Change, restock, tell
from order_service.payments.providers import Providers
from schemas.events.order_events import ORDER_RETURNED
from schemas.ids import ReturnId

RETURNABLE = frozenset({"PAID", "SHIPPED", "DELIVERED", "REFUNDED"})
"""States in which goods can come back: they may have been handed over the counter, or paid back before."""

WRITE = text("""
WITH made AS (
    INSERT INTO returns (id, order_id, reason, actor, created_at) VALUES (:id, :order_id, :reason, :actor, :created_at)
), lines AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:numbers AS smallint[]), CAST(:quantities AS bigint[]), CAST(:restocked AS boolean[]))
        AS l (line_number, quantity, restocked)
), new_lines AS (
    INSERT INTO return_lines (return_id, order_id, line_number, quantity, restocked)
    SELECT :id, :order_id, line_number, quantity, restocked FROM lines
)
UPDATE order_lines o SET returned = o.returned + l.quantity
FROM lines l WHERE o.order_id = :order_id AND o.line_number = l.line_number
""")


class ReturnWanted(msgspec.Struct, frozen=True):
    """What came back, each line once; without an amount what was paid for the pieces is paid back."""

    lines: tuple[ReturnedLine, ...]
    reason: str = ""
    refunds: bool = True
    amount_minor: int | None = None


async def return_goods(database: Database, providers: Providers, asked: Asked, wanted: ReturnWanted) -> MoneyChanged:
    """Record the return with its restock and its refunds in one transaction, then have the refunds made.

    Raises InvalidInput for a line that is none or named twice, and what `change_money` raises; Conflict when the order
    is not where goods come back, when more would come back than was sold, or more be paid back than was captured.
    """
    by = By(asked.change.actor, datetime.now(UTC))
    return await change_money(database, providers, asked, lambda order: plan_return(order, wanted, by), write_return)


def plan_return(order: Order, wanted: ReturnWanted, by: By) -> MoneyPlan:
    """Plan a return; pure."""
    _check(order, wanted.lines)
    returned = GoodsReturn(ReturnId(uuid_utils.compat.uuid7()), wanted.reason, by.actor, by.now, list(wanted.lines))
    amount = wanted.amount_minor if wanted.amount_minor is not None else _worth(order, wanted.lines)
    if not wanted.refunds or not amount:
        return MoneyPlan(returned=returned)
    plan = plan_refund(order, RefundWanted(amount, wanted.reason), by, returned.id)
    return msgspec.structs.replace(plan, returned=returned)


def paid_for(line: OrderLine, *, prices_include_tax: bool) -> int:
    """Reckon what a line came to after its discount, tax included."""
    added_tax = 0 if prices_include_tax else line.tax_minor
    return line.line_total_minor - line.discount_minor + added_tax


async def write_return(connection: AsyncConnection, order: Order, returned: GoodsReturn, change: Change) -> None:
    """Write the return, put on the shelf what goes there, and tell of it; the caller holds the order's lock."""
    values: dict[str, Any] = {
        "id": returned.id,
        "order_id": order.id,
        "reason": returned.reason,
        "actor": returned.actor,
        "created_at": returned.created_at,
        "numbers": [line.line_number for line in returned.lines],
        "quantities": [line.quantity for line in returned.lines],
        "restocked": [line.restocked for line in returned.lines],
    }
    await connection.execute(WRITE, values)
    shelved = {line.line_number: line.quantity for line in returned.lines if line.restocked}
    await restock(connection, order, shelved, change)
    await tell(connection, order.id, ORDER_RETURNED, change)


def _check(order: Order, lines: Sequence[ReturnedLine]) -> None:
    faults = []
    seen: set[int] = set()
    for position, line in enumerate(lines):
        if not 1 <= line.line_number <= len(order.lines):
            faults.append(FieldFault(f"lines[{position}].line", "is not a line of this order"))
        elif line.line_number in seen:
            faults.append(FieldFault(f"lines[{position}].line", "is named by an earlier line"))
        seen.add(line.line_number)
    if faults:
        raise InvalidInput(faults)
    if order.status not in RETURNABLE:
        raise Conflict(f"nothing of an order that is {order.status} can come back")
    for line in lines:
        sold = order.lines[line.line_number - 1]
        if line.quantity > sold.quantity - sold.returned:
            raise Conflict(f"{sold.quantity - sold.returned} of line {line.line_number} can still come back")


def _worth(order: Order, lines: Sequence[ReturnedLine]) -> int:
    """Reckon what was paid for the pieces, no more than can be paid back; shipping stays with the shop.

    The parts of a line add up to the whole however it comes back: each is the difference of two rounded sums.
    """
    worth = 0
    for line in lines:
        sold = order.lines[line.line_number - 1]
        whole = paid_for(sold, prices_include_tax=order.totals.prices_include_tax)
        after = sold.returned + line.quantity
        worth += whole * after // sold.quantity - whole * sold.returned // sold.quantity
    return min(worth, sum(payment.refundable_minor for payment in order.payments))
