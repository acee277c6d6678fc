"""Payments and refunds as values, and what a provider's answer makes of them: pure; `settle_money` enters it."""

from datetime import datetime
from typing import Literal

import msgspec

from schemas.ids import OrderId, PaymentId, RefundId, ReturnId

PaymentStatus = Literal[
    "PENDING", "REQUIRES_ACTION", "AUTHORISED", "CAPTURING", "CAPTURED", "VOIDING", "VOIDED", "FAILED"
]
RefundStatus = Literal["PENDING", "SUCCEEDED", "FAILED"]

IN_FLIGHT: tuple[PaymentStatus, ...] = ("PENDING", "CAPTURING", "VOIDING")
"""The provider has been asked to authorise, capture or void, or is about to be, and its answer is not known."""

WAITING: tuple[PaymentStatus, ...] = ("REQUIRES_ACTION", "AUTHORISED")
"""A shopper or staff has the next word, which the provider may hear before we do."""

HOLDING: tuple[PaymentStatus, ...] = ("PENDING", "AUTHORISED", "CAPTURING", "CAPTURED")
"""A payment in one of these takes its amount off what is still to be paid."""

FOLLOWERS: dict[PaymentStatus, tuple[PaymentStatus, ...]] = {
    "PENDING": ("REQUIRES_ACTION", "AUTHORISED", "CAPTURED", "VOIDED", "FAILED"),
    "REQUIRES_ACTION": ("PENDING", "AUTHORISED", "CAPTURED", "VOIDED", "FAILED"),
    "AUTHORISED": ("CAPTURED", "VOIDED"),
    "CAPTURING": ("CAPTURED", "VOIDED", "FAILED"),
    "VOIDING": ("CAPTURED", "VOIDED"),
    "CAPTURED": (),
    "VOIDED": ("CAPTURED",),
    "FAILED": ("CAPTURED",),
}
"""What an answer may make of a payment. Answers come late and out of order: whatever else they say is out of date.

Captured money outweighs everything, since the provider has it, whatever we believed.
"""


class Payment(msgspec.Struct, frozen=True):
    """One payment of an order; amounts count minor units, `refunded_minor` includes refunds under way."""

    id: PaymentId
    order_id: OrderId
    provider: str
    status: PaymentStatus
    amount_minor: int
    currency: str
    captures: bool
    method: str
    captured_minor: int
    refunded_minor: int
    reference: str | None
    client_secret: str | None
    failure: str
    actor: str
    created_at: datetime

    @property
    def refundable_minor(self) -> int:
        """What may still be paid back of it."""
        return self.captured_minor - self.refunded_minor


class Refund(msgspec.Struct, frozen=True):
    """Money of one payment on its way back, by the payment's own provider or by hand (`manual`)."""

    id: RefundId
    order_id: OrderId
    payment_id: PaymentId
    provider: str
    status: RefundStatus
    amount_minor: int
    currency: str
    reason: str
    reference: str | None
    failure: str
    actor: str
    created_at: datetime
    return_id: ReturnId | None = None


class PaymentAnswer(msgspec.Struct, frozen=True):
    """What a provider says of a payment; `captured_minor` is what it captured, if it did."""

    status: PaymentStatus
    reference: str | None = None
    captured_minor: int = 0
    client_secret: str | None = None
    failure: str = ""


class RefundAnswer(msgspec.Struct, frozen=True):
    """What a provider says of a refund."""

    status: RefundStatus
    reference: str | None = None
    failure: str = ""


def payment_after(payment: Payment, answer: PaymentAnswer) -> Payment:
    """Give the payment as the answer leaves it; the same one when the answer is out of date or says nothing new."""
    told = msgspec.structs.replace(
        payment,
        reference=payment.reference or answer.reference,
        client_secret=answer.client_secret or payment.client_secret,
    )
    if answer.status not in FOLLOWERS[payment.status]:
        return told
    captured = min(answer.captured_minor, payment.amount_minor) if answer.status == "CAPTURED" else 0
    return msgspec.structs.replace(
        told, status=answer.status, captured_minor=captured, failure=answer.failure or payment.failure
    )


def refund_after(refund: Refund, answer: RefundAnswer) -> Refund:
    """Give the refund as the answer leaves it. One that succeeded can still come back; one that failed is over."""
    told = msgspec.structs.replace(refund, reference=refund.reference or answer.reference)
    if refund.status == "FAILED" or answer.status in {"PENDING", refund.status}:
        return told
    return msgspec.structs.replace(told, status=answer.status, failure=answer.failure)


def shares(payments: list[Payment], amount_minor: int) -> list[tuple[Payment, int]]:
    """Split an amount to be paid back over payments, the oldest first; the caller knows that they hold as much."""
    parts = []
    left = amount_minor
    for payment in payments:
        part = min(left, payment.refundable_minor)
        if part > 0:
            parts.append((payment, part))
            left -= part
    return parts
