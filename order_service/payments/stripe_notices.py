"""Verifies and reads Stripe's webhooks: pure; called by the provider.

Source: docs.stripe.com/webhooks (verify manually): HMAC-SHA256 over `t.body`, several `v1` while a secret is rotated.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from order_service.payments.provider import NotGenuine, Notice, PaymentNotice, RefundNotice
from order_service.payments.stripe_answers import (
    PAYMENT_MARK,
    REFUND_MARK,
    our_amount,
    payment_answer,
    refund_answer,
)
from schemas.ids import PaymentId, RefundId

HEADER = "Stripe-Signature"
TOLERANCE_S = 300


def read_notice(body: bytes, header_fields: Mapping[str, str], secret: str, now: datetime) -> Notice | None:
    """Read an event; None when it is about nothing of ours. Raises NotGenuine."""
    verify(body, header_fields.get(HEADER, ""), secret, now)
    try:
        subject = msgspec.json.decode(body)["data"]["object"]
        return _notice(subject)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None  # genuine, but of a form that none of our payments has


def verify(body: bytes, signature: str, secret: str, now: datetime) -> None:
    """Raise NotGenuine unless one of the signatures is Stripe's and the time is within five minutes of ours."""
    parts = [part.strip().partition("=") for part in signature.split(",")]
    moments = [value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit()]
    if not secret or not moments or abs(now.timestamp() - int(moments[0][:20])) > TOLERANCE_S:
        raise NotGenuine
    expected = hmac.digest(secret.encode(), f"{moments[0]}.".encode() + body, "sha256").hex().encode()
    given = [value.encode("utf-8", "replace") for name, _, value in parts if name == "v1"]
    if not any([hmac.compare_digest(expected, each) for each in given]):  # noqa: C419 - looks at all, in constant time
        raise NotGenuine


def _notice(subject: Mapping[str, Any]) -> Notice | None:
    if subject["object"] == "payment_intent":
        mark = subject["metadata"].get(PAYMENT_MARK)
        return PaymentNotice(PaymentId(UUID(mark)), payment_answer(subject)) if mark else None
    if subject["object"] == "refund" and subject["payment_intent"]:
        mark = (subject.get("metadata") or {}).get(REFUND_MARK)
        return RefundNotice(
            refund_answer(subject),
            refund_id=RefundId(UUID(mark)) if mark else None,
            payment_reference=subject["payment_intent"],
            amount_minor=our_amount(int(subject["amount"]), str(subject["currency"]).upper()),
        )
    return None
