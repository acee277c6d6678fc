"""What a request does to an order's payments and refunds, decided before anything is written: pure.

Called under the lock of the order's row; `change_money` and `move_order` write the plan. Providers are asked after the
commit, by `settle_money`: what a provider has to do is in the plan as rows in flight.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import uuid_utils.compat

from order_service.errors import Conflict, NotFound
from order_service.orders.order import GoodsReturn, Order
from order_service.payments.manual_provider import MANUAL
from order_service.payments.payment import HOLDING, Payment, PaymentStatus, Refund, shares
from schemas.ids import PaymentId, RefundId, ReturnId
from schemas.money import to_amount

PAYABLE = frozenset({"CONFIRMED", "SHIPPED", "DELIVERED"})
"""States in which an order can be paid: before shipping, or on account after it."""

OVER = frozenset({"CANCELLED", "REFUNDED", "REJECTED"})
"""States in which money that comes in goes back at once."""


class MoneyPlan(msgspec.Struct, frozen=True):
    """Rows to be written in one transaction; `changed` are payments that get another status."""

    payments: list[Payment] = []
    changed: list[Payment] = []
    refunds: list[Refund] = []
    returned: GoodsReturn | None = None


class By(msgspec.Struct, frozen=True):
    """Who decides, and when."""

    actor: str
    now: datetime


class PaymentWanted(msgspec.Struct, frozen=True):
    """A payment to be made; without an amount everything that is still to be paid."""

    provider: str
    amount_minor: int | None = None
    captures: bool = True
    method: str = ""


class RefundWanted(msgspec.Struct, frozen=True):
    """Money to be paid back; without an amount everything that was captured and not paid back.

    `by_hand` says that it was, outside: the provider of the payment is not asked.
    """

    amount_minor: int | None = None
    reason: str = ""
    by_hand: bool = False
    payment_id: PaymentId | None = None


def open_minor(order: Order) -> int:
    """Reckon what is still to be paid and not under way."""
    held = sum(payment.amount_minor for payment in order.payments if payment.status in HOLDING)
    return max(0, order.total_minor - held + sum(payment.refunded_minor for payment in order.payments))


def plan_payment(order: Order, wanted: PaymentWanted, by: By) -> MoneyPlan:
    """Plan one payment; raises Conflict when the order takes none, or not as much."""
    if order.status not in PAYABLE:
        raise Conflict(f"an order that is {order.status} takes no payment")
    left = open_minor(order)
    amount = left if wanted.amount_minor is None else wanted.amount_minor
    if not 0 < amount <= left:
        raise Conflict(f"{to_amount(left, order.currency)} {order.currency} of it can still be paid")
    return MoneyPlan(payments=[_payment(order, wanted, "PENDING", amount, by)])


def plan_capture(order: Order, payment_id: PaymentId) -> MoneyPlan:
    """Plan to capture an authorised payment; raises NotFound, Conflict in any other status."""
    return _plan_change(order, payment_id, ("AUTHORISED",), "CAPTURING")


def plan_void(order: Order, payment_id: PaymentId) -> MoneyPlan:
    """Plan to give up a payment before it is captured; raises NotFound, Conflict in any other status."""
    return _plan_change(order, payment_id, ("AUTHORISED", "REQUIRES_ACTION"), "VOIDING")


def plan_refund(order: Order, wanted: RefundWanted, by: By, return_id: ReturnId | None = None) -> MoneyPlan:
    """Plan to pay back, the oldest payment first; raises NotFound for the payment, Conflict for more than there is."""
    payments = order.payments if wanted.payment_id is None else [_payment_of(order, wanted.payment_id)]
    most = sum(payment.refundable_minor for payment in payments)
    amount = most if wanted.amount_minor is None else wanted.amount_minor
    if not 0 < amount <= most:
        raise Conflict(f"{to_amount(most, order.currency)} {order.currency} of it can be paid back")
    return MoneyPlan(
        refunds=[
            refund_of(payment, part, wanted.reason, by, return_id=return_id, by_hand=wanted.by_hand)
            for payment, part in shares(payments, amount)
        ]
    )


def plan_move(order: Order, wanted: str, reason: str, by: By) -> MoneyPlan:
    """Plan what a move of the order does to its money; raises Conflict while a provider's answer would decide it."""
    planned: dict[str, Callable[[], MoneyPlan]] = {
        "PAID": lambda: _plan_paid(order, by),
        "REFUNDED": lambda: _plan_refunded(order, reason, by),
        "CANCELLED": lambda: _plan_cancelled(order, reason, by),
    }
    return planned[wanted]() if wanted in planned else MoneyPlan()


def refund_of(  # noqa: PLR0913 - the parts of one refund
    payment: Payment,
    amount_minor: int,
    reason: str,
    by: By,
    *,
    return_id: ReturnId | None = None,
    by_hand: bool = False,
) -> Refund:
    """Make the refund of a part of a payment: done if by hand, else to be asked of the payment's provider."""
    return Refund(
        id=RefundId(uuid_utils.compat.uuid7()),
        order_id=payment.order_id,
        payment_id=payment.id,
        provider=MANUAL if by_hand else payment.provider,
        status="SUCCEEDED" if by_hand else "PENDING",
        amount_minor=amount_minor,
        currency=payment.currency,
        reason=reason,
        reference=None,
        failure="",
        actor=by.actor,
        created_at=by.now,
        return_id=return_id,
    )


def _plan_paid(order: Order, by: By) -> MoneyPlan:
    if any(payment.status in HOLDING and payment.status != "CAPTURED" for payment in order.payments):
        raise Conflict("a payment of it is authorised or under way: capture or void that first")
    left = open_minor(order)
    wanted = PaymentWanted(MANUAL)
    return MoneyPlan(payments=[_payment(order, wanted, "CAPTURED", left, by)] if left else [])


def _plan_refunded(order: Order, reason: str, by: By) -> MoneyPlan:
    if any(refund.status == "PENDING" for refund in order.refunds):
        raise Conflict("a refund of it is under way")
    held = sum(payment.refundable_minor for payment in order.payments)
    return MoneyPlan(
        refunds=[refund_of(payment, part, reason, by, by_hand=True) for payment, part in shares(order.payments, held)]
    )


def _plan_cancelled(order: Order, reason: str, by: By) -> MoneyPlan:
    given_up = [payment for payment in order.payments if payment.status in {"AUTHORISED", "REQUIRES_ACTION"}]
    held = sum(payment.refundable_minor for payment in order.payments)
    return MoneyPlan(
        changed=_with_status(given_up, "VOIDING"),
        refunds=[refund_of(payment, part, reason, by) for payment, part in shares(order.payments, held)],
    )


def _plan_change(
    order: Order, payment_id: PaymentId, from_statuses: tuple[PaymentStatus, ...], to_status: PaymentStatus
) -> MoneyPlan:
    payment = _payment_of(order, payment_id)
    if payment.status not in from_statuses:
        raise Conflict(f"the payment is {payment.status}, not {' or '.join(from_statuses)}")
    return MoneyPlan(changed=_with_status([payment], to_status))


def _with_status(payments: Iterable[Payment], status: PaymentStatus) -> list[Payment]:
    return [msgspec.structs.replace(payment, status=status) for payment in payments]


def _payment_of(order: Order, payment_id: PaymentId) -> Payment:
    for payment in order.payments:
        if payment.id == payment_id:
            return payment
    raise NotFound("payment", str(payment_id))


def _payment(order: Order, wanted: PaymentWanted, status: PaymentStatus, amount_minor: int, by: By) -> Payment:
    return Payment(
        id=PaymentId(uuid_utils.compat.uuid7()),
        order_id=order.id,
        provider=wanted.provider,
        status=status,
        amount_minor=amount_minor,
        currency=order.currency,
        captures=wanted.captures,
        method=wanted.method,
        captured_minor=amount_minor if status == "CAPTURED" else 0,
        refunded_minor=0,
        reference=None,
        client_secret=None,
        failure="",
        actor=by.actor,
        created_at=by.now,
    )
