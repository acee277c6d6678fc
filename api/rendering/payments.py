"""Renders payments, refunds and returns; called by the handlers of payments, returns and orders."""

from msgspec import UNSET

from order_service.orders.order import GoodsReturn
from order_service.payments.payment import Payment, Refund
from schemas.http_api.payments import (
    PaymentBody,
    RefundBody,
    RefundsBody,
    ReturnBody,
    ReturnLineBody,
    ReturnMadeBody,
)
from schemas.money import to_amount


def payment_body(payment: Payment, *, with_secret: bool = False) -> PaymentBody:
    """Render one payment; the client secret is for whoever pays, and for nobody who only looks."""
    return PaymentBody(
        id=str(payment.id),
        provider=payment.provider,
        status=payment.status,
        amount=to_amount(payment.amount_minor, payment.currency),
        captured=to_amount(payment.captured_minor, payment.currency),
        refunded=to_amount(payment.refunded_minor, payment.currency),
        currency=payment.currency,
        reference=payment.reference,
        failure=payment.failure,
        created_at=payment.created_at,
        client_secret=(payment.client_secret or UNSET) if with_secret else UNSET,
    )


def refund_body(refund: Refund) -> RefundBody:
    """Render one refund."""
    return RefundBody(
        id=str(refund.id),
        payment=str(refund.payment_id),
        provider=refund.provider,
        status=refund.status,
        amount=to_amount(refund.amount_minor, refund.currency),
        currency=refund.currency,
        reason=refund.reason,
        failure=refund.failure,
        created_at=refund.created_at,
        return_id=str(refund.return_id) if refund.return_id else UNSET,
    )


def refunds_body(refunds: list[Refund]) -> RefundsBody:
    """Render what one request paid back; there is at least one refund."""
    currency = refunds[0].currency
    total = sum(refund.amount_minor for refund in refunds)
    return RefundsBody(
        amount=to_amount(total, currency), currency=currency, refunds=[refund_body(each) for each in refunds]
    )


def return_body(made: GoodsReturn) -> ReturnBody:
    """Render one return of an order."""
    return ReturnBody(id=str(made.id), reason=made.reason, created_at=made.created_at, lines=_lines(made))


def return_answer(made: GoodsReturn, refunds: list[Refund]) -> ReturnMadeBody:
    """Render the return that was just made with its refunds."""
    return ReturnMadeBody(
        id=str(made.id),
        reason=made.reason,
        created_at=made.created_at,
        lines=_lines(made),
        refunds=[refund_body(each) for each in refunds],
    )


def _lines(made: GoodsReturn) -> list[ReturnLineBody]:
    return [
        ReturnLineBody(line=line.line_number, quantity=line.quantity, restocked=line.restocked) for line in made.lines
    ]
