"""Renders orders in the present shape and in the one that earlier clients know; called by the order handlers."""

from typing import Any

from msgspec import UNSET

from api.rendering.payments import payment_body, refund_body, return_body
from order_service.orders.order import HistoryEntry, Order, OrderLine
from order_service.pricing.totals import TaxLine
from schemas.http_api.orders import (
    EarlierOrderBody,
    EarlierOrderLineBody,
    HistoryEntryBody,
    OrderBody,
    OrderLineBody,
    StoreOrderBody,
    TaxLineBody,
)
from schemas.money import to_amount
from schemas.percent import to_percent


def order_body(order: Order, *, with_detail: bool = False, token: str | None = None) -> OrderBody:
    """Render one order; `token` is what lets a guest read it."""
    return OrderBody(
        id=str(order.id),
        number=order.number,
        store=order.store_id,
        status=order.status,
        created_at=order.created_at,
        total=to_amount(order.total_minor, order.currency),
        currency=order.currency,
        items=[_line(number, line, order.currency) for number, line in enumerate(order.lines, start=1)],
        **_breakdown(order),
        user_id=order.user_id,
        email=order.email,
        note=order.note,
        reason=order.reason,
        shipping_address=order.shipping_address,
        billing_address=order.billing_address,
        history=[_move(entry) for entry in order.history] if with_detail else UNSET,
        captured=to_amount(order.captured_minor, order.currency) if with_detail else UNSET,
        refunded=to_amount(order.refunded_minor, order.currency) if with_detail else UNSET,
        payments=[payment_body(payment) for payment in order.payments] if with_detail else UNSET,
        refunds=[refund_body(refund) for refund in order.refunds] if with_detail else UNSET,
        returns=[return_body(each) for each in order.returns] if with_detail else UNSET,
        order_token=token or UNSET,
    )


def earlier_order_body(order: Order, token: str | None = None) -> EarlierOrderBody:
    """Render the answer to a placement for earlier clients."""
    return EarlierOrderBody(
        id=str(order.id),
        store=order.store_id,
        status=order.status,
        created_at=order.created_at,
        items=_earlier_lines(order),
        number=order.number,
        reason=order.reason if order.status == "REJECTED" else UNSET,
        order_token=token or UNSET,
    )


def store_order_body(order: Order) -> StoreOrderBody:
    """Render one order of a store's list for earlier clients."""
    return StoreOrderBody(
        id=str(order.id),
        store=order.store_id,
        status=order.status,
        total_items=len(order.lines),
        created_at=order.created_at,
        items=_earlier_lines(order),
    )


def _breakdown(order: Order) -> dict[str, Any]:
    """Say what the total is made of."""
    totals = order.totals
    amounts = {
        "items_total": totals.items_minor,
        "discount": totals.discount_minor,
        "shipping": totals.shipping_minor,
        "tax": totals.tax_minor,
    }
    return {
        **{name: to_amount(minor, order.currency) for name, minor in amounts.items()},
        "discount_code": order.discount_code,
        "shipping_method": order.shipping_method,
        "tax_lines": [_tax_line(each, order.currency) for each in order.tax_lines],
        "prices_include_tax": totals.prices_include_tax,
    }


def _tax_line(line: TaxLine, currency: str) -> TaxLineBody:
    return TaxLineBody(
        name=line.name,
        rate=to_percent(line.ppm),
        taxable=to_amount(line.taxable_minor, currency),
        tax=to_amount(line.tax_minor, currency),
    )


def _line(number: int, line: OrderLine, currency: str) -> OrderLineBody:
    return OrderLineBody(
        id=number,
        product=line.product_id,
        product_title=line.product_title,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=to_amount(line.unit_price_minor, currency),
        line_total=to_amount(line.line_total_minor, currency),
        discount=to_amount(line.discount_minor, currency),
        tax=to_amount(line.tax_minor, currency),
        tax_rate=to_percent(line.tax_ppm),
        store=line.store_id,
    )


def _move(entry: HistoryEntry) -> HistoryEntryBody:
    return HistoryEntryBody(
        from_status=entry.from_status, to_status=entry.to_status, reason=entry.reason, created_at=entry.created_at
    )


def _earlier_lines(order: Order) -> list[EarlierOrderLineBody]:
    return [
        EarlierOrderLineBody(
            product_id=line.product_id, product_title=line.product_title, quantity_requested=line.quantity
        )
        for line in order.lines
    ]
