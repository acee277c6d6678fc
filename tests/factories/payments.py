"""Payments and refunds as they stand before a provider has answered."""

import uuid
from datetime import UTC, datetime
from typing import Any

from order_service.payments.payment import Payment, Refund
from schemas.ids import OrderId, PaymentId, RefundId


def a_payment(**fields: Any) -> Payment:
    """Make a PENDING payment of 10.00."""
    made: dict[str, Any] = {
        "id": PaymentId(uuid.uuid4()),
        "order_id": OrderId(uuid.uuid4()),
        "provider": "stripe",
        "status": "PENDING",
        "amount_minor": 1000,
        "currency": "USD",
        "captures": True,
        "method": "",
        "captured_minor": 0,
        "refunded_minor": 0,
        "reference": None,
        "client_secret": None,
        "failure": "",
        "actor": "user:1",
        "created_at": datetime.now(UTC),
    }
    return Payment(**{**made, **fields})


def a_refund(payment: Payment, **fields: Any) -> Refund:
    """Make a PENDING refund of 0.10 of the payment."""
    made: dict[str, Any] = {
        "id": RefundId(uuid.uuid4()),
        "order_id": payment.order_id,
        "payment_id": payment.id,
        "provider": payment.provider,
        "status": "PENDING",
        "amount_minor": 10,
        "currency": payment.currency,
        "reason": "",
        "reference": None,
        "failure": "",
        "actor": "staff:1",
        "created_at": payment.created_at,
    }
    return Refund(**{**made, **fields})
