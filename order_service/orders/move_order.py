"""Moving an order to another state, with everything that follows from it, in one transaction."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.database.engine import Database
from order_service.errors import FieldFault, ForbiddenMove, InvalidInput, NotFound
from order_service.orders.money_plan import By, plan_move
from order_service.orders.order import Order
from order_service.orders.order_changes import Change, locked_order, restock, write_move
from order_service.orders.settle_money import is_in_flight, settle_order, write_plan
from order_service.orders.states import RESTOCKING, STATUSES, allowed_moves
from order_service.payments.providers import Providers
from order_service.pricing.use_discounts import give_use_back
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId, UserId


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
    """Move the order and commit; gives it as it stands then.

    `move.wanted` may be in any letter case. A cancelled order's goods go back to stock, and refunds of what was paid
    are in flight; a move to PAID or REFUNDED records that money was taken or handed back outside. All of it is one
    transaction. Raises InvalidInput for an unknown status, NotFound for no order or a foreign one, ForbiddenMove with
    the allowed moves, Conflict while money is under way that would decide the move, Unavailable.
    """
    wanted = move.wanted.upper()
    if wanted not in STATUSES:
        raise InvalidInput([FieldFault("status", f"is not one of {', '.join(STATUSES)}")])

    async def work(unit: UnitOfWork) -> Order:
        order = await locked_order(unit.connection, order_id)
        _check(order, wanted, mover, payment_required=payment_required)
        if mover.is_staff:
            deed = Deed(
                action="order.move", subject=f"order:{order_id}", details={"status": wanted}, reason=move.reason
            )
            await record(unit.connection, Actor(f"user:{mover.user_id}", move.request_id), deed)
        return await move_locked(unit.connection, order, wanted, Change(mover.name, move.reason, move.request_id))

    return await in_unit_of_work(database, work)


async def move_and_settle(  # noqa: PLR0913 - who moves what where, under which rules
    database: Database, providers: Providers, order_id: OrderId, move: Move, mover: Mover, *, payment_required: bool
) -> Order:
    """Move the order as `move_order` does, then have providers give back what a cancelled one was paid with.

    What a provider does not answer stays in flight for the job. Blocks for providers' time-outs.
    """
    order = await move_order(database, order_id, move, mover, payment_required=payment_required)
    if order.status in RESTOCKING and is_in_flight(order):
        return await settle_order(database, providers, order_id, Change(mover.name, move.reason, move.request_id))
    return order


async def move_locked(connection: AsyncConnection, order: Order, wanted: str, change: Change) -> Order:
    """Write an allowed move of a locked order with everything that follows from it in our database."""
    await write_plan(connection, plan_move(order, wanted, change.reason, By(change.actor, datetime.now(UTC))))
    if wanted in RESTOCKING:
        await give_use_back(connection, order.id)
        still_out = {number: line.quantity - line.returned for number, line in enumerate(order.lines, 1)}
        await restock(connection, order, still_out, change)
    return await write_move(connection, order, wanted, change)


def _check(order: Order, wanted: str, mover: Mover, *, payment_required: bool) -> None:
    if not (mover.is_staff or order.user_id == mover.user_id):
        raise NotFound("order", str(order.id))
    allowed = allowed_moves(order.status, payment_required=payment_required, is_staff=mover.is_staff)
    if wanted not in allowed:
        raise ForbiddenMove(f"an order that is {order.status} cannot become {wanted}", order.status, wanted, allowed)
