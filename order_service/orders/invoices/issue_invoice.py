"""Gives an order its invoice number, once; called by whoever shows or sends the invoice."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors
from order_service.errors import Conflict
from order_service.orders.order import Order
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId

FIND = text("SELECT number, issued_on FROM invoices WHERE order_id = :order_id")
COUNTER = text("SELECT last FROM invoice_counter FOR NO KEY UPDATE")
ISSUE = text("""
WITH counted AS (UPDATE invoice_counter SET last = last + 1 RETURNING last)
INSERT INTO invoices (order_id, number) SELECT :order_id, last FROM counted RETURNING number, issued_on
""")

WITHOUT_INVOICE = frozenset({"REJECTED", "CANCELLED"})
"""States in which nothing was sold; an order that was invoiced before it was cancelled keeps its invoice."""


class IssuedInvoice(NamedTuple):
    """The number, counted over all invoices of the shop without a gap, and the day it was given."""

    number: int
    issued_on: date


async def issue_invoice(database: Database, order: Order) -> IssuedInvoice:
    """Give the order's invoice number, a new one the first time; commits.

    Raises Conflict for an order that sold nothing, and Unavailable.
    """
    async with translated_errors(), database.reads.connect() as connection:
        found = (await connection.execute(FIND, {"order_id": order.id})).one_or_none()
    if found is not None:
        return IssuedInvoice(found.number, found.issued_on)
    if order.status in WITHOUT_INVOICE:
        raise Conflict(f"an order that is {order.status} has no invoice")
    return await in_unit_of_work(database, lambda unit: _issue(unit, order.id))


async def _issue(unit: UnitOfWork, order_id: OrderId) -> IssuedInvoice:
    """Look again under the counter's lock: two who ask at once get one number."""
    values = {"order_id": order_id}
    await unit.connection.execute(COUNTER)
    found = (await unit.connection.execute(FIND, values)).one_or_none()
    if found is None:
        found = (await unit.connection.execute(ISSUE, values)).one()
    return IssuedInvoice(found.number, found.issued_on)
