"""Paying for an order and paying back: each use case is a plan run through `change_money`; called by the API."""

from datetime import UTC, datetime

from order_service.database.engine import Database
from order_service.errors import FieldFault, InvalidInput
from order_service.orders.change_money import Asked, MoneyChanged, change_money
from order_service.orders.money_plan import (
    By,
    PaymentWanted,
    RefundWanted,
    plan_capture,
    plan_payment,
    plan_refund,
    plan_void,
)
from order_service.payments.providers import Providers
from schemas.ids import PaymentId


async def pay_order(
    database: Database, providers: Providers, asked: Asked, wanted: PaymentWanted, *, is_staff: bool
) -> MoneyChanged:
    """Authorise a payment, and capture it if wanted; an order that is paid in full moves to PAID.

    Raises InvalidInput for a provider that is not open to the caller, and what `change_money` raises; Conflict when
    the order takes no payment or not as much.
    """
    if wanted.provider not in providers or not (is_staff or providers[wanted.provider].is_open_to_shoppers):
        usable = [name for name in providers.names if is_staff or providers[name].is_open_to_shoppers]
        raise InvalidInput([FieldFault("provider", f"is not one of {', '.join(usable) or 'none'}")])
    by = _by(asked)
    return await change_money(database, providers, asked, lambda order: plan_payment(order, wanted, by))


async def capture_payment(
    database: Database, providers: Providers, asked: Asked, payment_id: PaymentId
) -> MoneyChanged:
    """Capture an authorised payment as a whole; raises as `change_money`, Conflict when it is not authorised."""
    return await change_money(database, providers, asked, lambda order: plan_capture(order, payment_id))


async def void_payment(database: Database, providers: Providers, asked: Asked, payment_id: PaymentId) -> MoneyChanged:
    """Give up a payment that is not captured; raises as `change_money`, Conflict when it is too late for that."""
    return await change_money(database, providers, asked, lambda order: plan_void(order, payment_id))


async def refund_order(database: Database, providers: Providers, asked: Asked, wanted: RefundWanted) -> MoneyChanged:
    """Pay back in part or whole, never above what was captured; raises as `change_money`, Conflict for more.

    An order that was paid in full and is paid back in full moves to REFUNDED.
    """
    by = _by(asked)
    return await change_money(database, providers, asked, lambda order: plan_refund(order, wanted, by))


def _by(asked: Asked) -> By:
    return By(asked.change.actor, datetime.now(UTC))
