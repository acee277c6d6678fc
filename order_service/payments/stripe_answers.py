"""Reads Stripe's payment intents and refunds as answers of ours: pure; called by the provider and by its notices.

Sources: docs.stripe.com/payments/paymentintents/lifecycle, docs.stripe.com/api/refunds/object,
docs.stripe.com/currencies.
"""

from collections.abc import Mapping
from typing import Any

from order_service.payments.payment import Payment, PaymentAnswer, PaymentStatus, RefundAnswer, RefundStatus

PAYMENT_MARK = "aisle_payment"
REFUND_MARK = "aisle_refund"
"""The metadata by which an intent and a refund say which row of ours they are."""

STATUS_OF_INTENT: dict[str, PaymentStatus] = {
    "requires_payment_method": "REQUIRES_ACTION",
    "requires_confirmation": "REQUIRES_ACTION",
    "requires_action": "REQUIRES_ACTION",
    "processing": "PENDING",
    "requires_capture": "AUTHORISED",
    "succeeded": "CAPTURED",
    "canceled": "VOIDED",
}

STATUS_OF_REFUND: dict[str, RefundStatus] = {
    "pending": "PENDING",
    "requires_action": "PENDING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "canceled": "FAILED",
}

SENT_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
"""Currencies without decimals that Stripe takes with two, for reasons of history."""


def payment_answer(intent: Mapping[str, Any], payment: Payment | None = None) -> PaymentAnswer:
    """Read an intent. One that was to be confirmed at once, with a means of payment that did not work, is over."""
    status = STATUS_OF_INTENT.get(intent["status"], "PENDING")
    failure = str((intent.get("last_payment_error") or {}).get("message") or "")
    if payment is not None and payment.method and intent["status"] == "requires_payment_method":
        return PaymentAnswer("FAILED", intent["id"], failure=failure or "the means of payment was refused")
    currency = str(intent["currency"]).upper()
    return PaymentAnswer(
        status,
        reference=intent["id"],
        captured_minor=our_amount(intent["amount_received"], currency) if status == "CAPTURED" else 0,
        client_secret=intent.get("client_secret") if status == "REQUIRES_ACTION" else None,
        failure=failure,
    )


def refund_answer(refund: Mapping[str, Any]) -> RefundAnswer:
    """Read a refund."""
    failure = str(refund.get("failure_reason") or "")
    return RefundAnswer(STATUS_OF_REFUND.get(refund["status"], "PENDING"), refund["id"], failure)


def stripe_amount(minor_units: int, currency: str) -> int:
    """Give an amount as Stripe counts it."""
    return minor_units * 100 if currency in SENT_IN_HUNDREDTHS else minor_units


def our_amount(amount: int, currency: str) -> int:
    """Give an amount of Stripe's in our minor units."""
    return amount // 100 if currency in SENT_IN_HUNDREDTHS else amount
