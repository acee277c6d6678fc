"""Entering what a provider tells by itself, in a webhook: once however often it is told; called by the API."""

from datetime import UTC, datetime
from uuid import UUID

import structlog
import uuid_utils.compat
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database, translated_errors
from order_service.orders.order import Order
from order_service.orders.order_changes import Change, locked_order
from order_service.orders.read_orders import read_order
from order_service.orders.settle_money import (
    enter_payment_answer,
    enter_refund_answer,
    follow_refunds,
    is_in_flight,
    settle_order,
)
from order_service.payments.payment import Payment, Refund
from order_service.payments.payment_rows import insert_refunds
from order_service.payments.provider import Notice, PaymentNotice, RefundNotice
from order_service.payments.providers import Providers
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId, RefundId

ORDER_OF_PAYMENT = text("SELECT order_id FROM payments WHERE id = :id AND provider = :provider")
ORDER_OF_REFUND = text("SELECT order_id FROM refunds WHERE id = :id AND provider = :provider")
ORDER_OF_REFERENCE = text("SELECT order_id FROM payments WHERE reference = :reference AND provider = :provider")

log = structlog.get_logger()


async def take_notice(
    database: Database, providers: Providers, provider: str, notice: Notice, request_id: str | None
) -> None:
    """Enter the notice and do what follows from it; one about a row that is not ours changes nothing. Commits.

    The caller has verified that the provider sent it. Raises Unavailable, so that the provider sends it again.
    """
    change = Change(f"provider:{provider}", "", request_id)
    order_id = await _order_of(database, provider, notice)
    if order_id is None:
        log.info("notice_of_nothing_of_ours", provider=provider, notice=type(notice).__name__)
        return
    order = await read_order(database, order_id)
    if isinstance(notice, PaymentNotice):
        payment = next(each for each in order.payments if each.id == notice.payment_id)
        await enter_payment_answer(database, order_id, payment, notice.answer, change)
    else:
        await _take_refund(database, order, notice, change)
    if is_in_flight(await read_order(database, order_id)):
        await settle_order(database, providers, order_id, change)


async def _order_of(database: Database, provider: str, notice: Notice) -> OrderId | None:
    async with translated_errors(), database.reads.connect() as connection:
        if isinstance(notice, PaymentNotice):
            return await _one(connection, "payment", provider, notice.payment_id)
        if notice.refund_id:
            return await _one(connection, "refund", provider, notice.refund_id)
        values = {"reference": notice.payment_reference, "provider": provider}
        return (await connection.execute(ORDER_OF_REFERENCE, values)).scalar_one_or_none()


async def _one(connection: AsyncConnection, kind: str, provider: str, row_id: UUID) -> OrderId | None:
    statement = ORDER_OF_PAYMENT if kind == "payment" else ORDER_OF_REFUND
    return (await connection.execute(statement, {"id": row_id, "provider": provider})).scalar_one_or_none()


async def _take_refund(database: Database, order: Order, notice: RefundNotice, change: Change) -> None:
    for refund in order.refunds:
        if refund.id == notice.refund_id or (refund.reference and refund.reference == notice.answer.reference):
            await enter_refund_answer(database, order.id, refund, notice.answer, change)
            return
    await _record(database, order.id, notice, change)


async def _record(database: Database, order_id: OrderId, notice: RefundNotice, change: Change) -> None:
    """Record a refund that somebody made at the provider itself, as far as our books can hold it."""

    async def work(unit: UnitOfWork) -> None:
        order = await locked_order(unit.connection, order_id)
        payment = next(each for each in order.payments if each.reference == notice.payment_reference)
        known = any(refund.reference == notice.answer.reference for refund in order.refunds)
        if known or notice.answer.status == "FAILED":
            return
        if notice.amount_minor > payment.refundable_minor:
            log.error("refund_beyond_what_was_captured", payment=str(payment.id), amount_minor=notice.amount_minor)
            return
        refund = _refund(payment, notice, change)
        await insert_refunds(unit.connection, [refund])
        await follow_refunds(unit.connection, order, [refund], change)

    await in_unit_of_work(database, work)


def _refund(payment: Payment, notice: RefundNotice, change: Change) -> Refund:
    return Refund(
        id=RefundId(uuid_utils.compat.uuid7()),
        order_id=payment.order_id,
        payment_id=payment.id,
        provider=payment.provider,
        status=notice.answer.status,
        amount_minor=notice.amount_minor,
        currency=payment.currency,
        reason="made at the provider",
        reference=notice.answer.reference,
        failure="",
        actor=change.actor,
        created_at=datetime.now(UTC),
    )
