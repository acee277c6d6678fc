"""Asks providers for what is in flight on an order and enters their answers, with what follows for the order.

Called after a change of money has committed, by webhooks, and by the job that reconciles lost answers. No transaction
is open while a provider is asked; asking twice moves money once, because each row has its own idempotency key there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database
from order_service.errors import NotFound
from order_service.orders.money_plan import OVER, By, MoneyPlan, refund_of
from order_service.orders.order import Order
from order_service.orders.order_changes import Change, locked_order, tell, write_move
from order_service.orders.read_orders import read_order
from order_service.payments.payment import (
    IN_FLIGHT,
    WAITING,
    Payment,
    PaymentAnswer,
    Refund,
    RefundAnswer,
    payment_after,
    refund_after,
)
from order_service.payments.payment_rows import insert_payment, insert_refunds, update_payment, update_refund
from order_service.payments.provider import ProviderAway
from order_service.payments.providers import Providers
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.events.order_events import ORDER_PAYMENT_CAPTURED, ORDER_REFUND_FAILED, ORDER_REFUND_MADE
from schemas.ids import OrderId

ROUNDS = 3
"""An answer may put more in flight (money for a cancelled order goes back), and that never more than once."""

REFUNDABLE_STATES = frozenset({"PAID", "SHIPPED", "DELIVERED"})

log = structlog.get_logger()


async def settle_order(database: Database, providers: Providers, order_id: OrderId, change: Change) -> Order:
    """Ask for everything in flight on the order and enter the answers, a transaction each; gives the order after it.

    What a provider does not answer stays in flight, for the next call or the job. Raises NotFound, Unavailable.
    """
    for _ in range(ROUNDS):
        order = await read_order(database, order_id)
        in_flight = _in_flight(order)
        answered = [await _settle(database, providers, order, each, change) for each in in_flight]
        if not any(answered):
            return order
    return await read_order(database, order_id)


async def ask_how_it_stands(database: Database, providers: Providers, order: Order, change: Change) -> None:
    """Ask how payments stand that wait for a shopper or for staff: the notices of what they did may have been lost."""
    for payment in order.payments:
        if payment.status in WAITING and payment.reference:
            try:
                answer = await providers[payment.provider].authorise(payment)
            except (ProviderAway, NotFound) as error:
                _log_no_answer(payment, error)
            else:
                await enter_payment_answer(database, order.id, payment, answer, change)


async def enter_payment_answer(
    database: Database, order_id: OrderId, payment: Payment, answer: PaymentAnswer, change: Change
) -> None:
    """Enter what a provider says of a payment, once whoever says it how often; commits."""

    async def work(unit: UnitOfWork) -> None:
        order = await locked_order(unit.connection, order_id)
        before = next(each for each in order.payments if each.id == payment.id)
        after = _given_up_if_over(order, before, payment_after(before, answer))
        if after != before:
            await update_payment(unit.connection, after)
        if before.status != after.status == "CAPTURED":
            await _follow_capture(unit.connection, order, after, change)

    await in_unit_of_work(database, work)


async def enter_refund_answer(
    database: Database, order_id: OrderId, refund: Refund, answer: RefundAnswer, change: Change
) -> None:
    """Enter what a provider says of a refund, once whoever says it how often; commits."""

    async def work(unit: UnitOfWork) -> None:
        order = await locked_order(unit.connection, order_id)
        before = next(each for each in order.refunds if each.id == refund.id)
        after = refund_after(before, answer)
        if after != before:
            await update_refund(unit.connection, after)
        if after.status != before.status:
            await follow_refunds(unit.connection, order, [after], change)

    await in_unit_of_work(database, work)


async def write_plan(connection: AsyncConnection, plan: MoneyPlan) -> None:
    """Write the rows of a plan under the lock of the order's row."""
    for payment in plan.payments:
        await insert_payment(connection, payment)
    for payment in plan.changed:
        await update_payment(connection, payment)
    await insert_refunds(connection, plan.refunds)


async def follow_refunds(connection: AsyncConnection, order: Order, refunds: Sequence[Refund], change: Change) -> None:
    """Tell of refunds that were just settled, and move an order whose whole money is back to REFUNDED.

    `order` is as it was before; the refunds are written.
    """
    if any(refund.status == "FAILED" for refund in refunds):
        await tell(connection, order.id, ORDER_REFUND_FAILED, change)
        return
    now_back = order.refunded_minor + sum(refund.amount_minor for refund in refunds if refund.status == "SUCCEEDED")
    if now_back == order.refunded_minor:
        return
    is_whole = now_back >= order.captured_minor >= order.total_minor
    if is_whole and order.status in REFUNDABLE_STATES:
        await write_move(connection, order, "REFUNDED", change)
    else:
        await tell(connection, order.id, ORDER_REFUND_MADE, change)


def is_in_flight(order: Order) -> bool:
    """Whether a provider has to be asked for anything of the order."""
    return bool(_in_flight(order))


def _in_flight(order: Order) -> list[Payment | Refund]:
    payments: list[Payment | Refund] = [each for each in order.payments if each.status in IN_FLIGHT]
    return [*payments, *(each for each in order.refunds if each.status == "PENDING")]


async def _settle(
    database: Database, providers: Providers, order: Order, each: Payment | Refund, change: Change
) -> bool:
    """Ask for one thing and enter the answer; whether there was one that settles it."""
    try:
        if isinstance(each, Refund):
            payment = next(payment for payment in order.payments if payment.id == each.payment_id)
            refund_answer = await providers[each.provider].refund(each, payment)
            await enter_refund_answer(database, order.id, each, refund_answer, change)
            return refund_answer.status != "PENDING"
        answer = await _ask(providers, each)
        await enter_payment_answer(database, order.id, each, answer, change)
    except (ProviderAway, NotFound) as error:
        _log_no_answer(each, error)
        return False
    return answer.status not in IN_FLIGHT


def _log_no_answer(each: Payment | Refund, error: Exception) -> None:
    log.warning("provider_does_not_answer", provider=each.provider, id=str(each.id), error=repr(error)[:500])


async def _ask(providers: Providers, payment: Payment) -> PaymentAnswer:
    provider = providers[payment.provider]
    if payment.status == "CAPTURING":
        return await provider.capture(payment)
    if payment.status == "VOIDING":
        return await provider.void(payment)
    return await provider.authorise(payment)


def _given_up_if_over(order: Order, before: Payment, after: Payment) -> Payment:
    """Give up what was authorised for an order that was cancelled meanwhile."""
    is_new = before.status != after.status and after.status in {"AUTHORISED", "REQUIRES_ACTION"}
    return msgspec.structs.replace(after, status="VOIDING") if is_new and order.status in OVER else after


async def _follow_capture(connection: AsyncConnection, order: Order, captured: Payment, change: Change) -> None:
    """Tell of money that came in: the order is PAID by it, or part of it is, or it goes back."""
    surplus = _surplus(order, captured)
    if surplus:
        by = By(change.actor, datetime.now(UTC))
        await insert_refunds(connection, [refund_of(captured, surplus, "more than the order takes", by)])
    paid = order.captured_minor + captured.captured_minor - sum(each.refunded_minor for each in order.payments)
    if order.status == "CONFIRMED" and paid >= order.total_minor:
        await write_move(connection, order, "PAID", change)
    else:
        await tell(connection, order.id, ORDER_PAYMENT_CAPTURED, change)


def _surplus(order: Order, captured: Payment) -> int:
    """Reckon what of a capture has to go back: all of it when the order is over, else what is above the total.

    A payment may make up for refunds from before it was asked for; later ones it was not meant for.
    """
    if order.status in OVER:
        return captured.captured_minor
    earlier = [each for each in order.refunds if each.status != "FAILED" and each.created_at <= captured.created_at]
    before = order.captured_minor - sum(each.amount_minor for each in earlier)
    return max(0, min(captured.captured_minor, before + captured.captured_minor - order.total_minor))
