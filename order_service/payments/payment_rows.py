"""Reads and writes the rows of payments and refunds; called by the orders' use cases under the lock of the order."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.payments.payment import Payment, Refund
from schemas.ids import OrderId

PAYMENTS_OF_ORDER = text("""
SELECT id, order_id, provider, status, amount_minor, currency, captures, method, captured_minor, refunded_minor,
       reference, client_secret, failure, actor, created_at
FROM payments WHERE order_id = :order_id ORDER BY id
""")

REFUNDS_OF_ORDER = text("""
SELECT id, order_id, payment_id, provider, status, amount_minor, currency, reason, reference, failure, actor,
       created_at, return_id
FROM refunds WHERE order_id = :order_id ORDER BY id
""")

INSERT_PAYMENT = text("""
INSERT INTO payments (id, order_id, provider, status, amount_minor, currency, captures, method, captured_minor,
                      refunded_minor, reference, client_secret, failure, actor, created_at)
VALUES (:id, :order_id, :provider, :status, :amount_minor, :currency, :captures, :method, :captured_minor,
        :refunded_minor, :reference, :client_secret, :failure, :actor, :created_at)
""")

UPDATE_PAYMENT = text("""
UPDATE payments SET status = :status, captured_minor = :captured_minor, reference = :reference,
       client_secret = :client_secret, failure = :failure, updated_at = now()
WHERE id = :id
""")

INSERT_REFUND = text("""
WITH held AS (
    UPDATE payments SET refunded_minor = refunded_minor + :amount_minor, updated_at = now()
    WHERE id = :payment_id AND CAST(:status AS text) <> 'FAILED'
)
INSERT INTO refunds (id, order_id, payment_id, return_id, provider, status, amount_minor, currency, reason, reference,
                     failure, actor, created_at)
VALUES (:id, :order_id, :payment_id, :return_id, :provider, :status, :amount_minor, :currency, :reason, :reference,
        :failure, :actor, :created_at)
""")
"""The amount is held on the payment from the first moment, so that no two refunds together take more than there is."""

UPDATE_REFUND = text("""
WITH freed AS (
    UPDATE payments SET refunded_minor = refunded_minor - :amount_minor, updated_at = now()
    WHERE id = :payment_id AND CAST(:status AS text) = 'FAILED'
)
UPDATE refunds SET status = :status, reference = :reference, failure = :failure, updated_at = now() WHERE id = :id
""")
"""Written only when the status changed or a reference became known; a refund that FAILED never changes again."""


async def payments_of(connection: AsyncConnection, order_id: OrderId) -> list[Payment]:
    """Read the payments of an order, the oldest first."""
    rows = (await connection.execute(PAYMENTS_OF_ORDER, {"order_id": order_id})).mappings()
    return [Payment(**row) for row in rows]


async def refunds_of(connection: AsyncConnection, order_id: OrderId) -> list[Refund]:
    """Read the refunds of an order, the oldest first."""
    rows = (await connection.execute(REFUNDS_OF_ORDER, {"order_id": order_id})).mappings()
    return [Refund(**row) for row in rows]


async def insert_payment(connection: AsyncConnection, payment: Payment) -> None:
    """Write a new payment."""
    await connection.execute(INSERT_PAYMENT, msgspec.structs.asdict(payment))


async def update_payment(connection: AsyncConnection, payment: Payment) -> None:
    """Write what became of a payment."""
    await connection.execute(UPDATE_PAYMENT, msgspec.structs.asdict(payment))


async def insert_refunds(connection: AsyncConnection, refunds: Sequence[Refund]) -> None:
    """Write new refunds and hold their amounts on their payments."""
    for refund in refunds:
        await connection.execute(INSERT_REFUND, msgspec.structs.asdict(refund))


async def update_refund(connection: AsyncConnection, refund: Refund) -> None:
    """Write what became of a refund; one that failed frees its amount."""
    await connection.execute(UPDATE_REFUND, msgspec.structs.asdict(refund))
