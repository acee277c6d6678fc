"""What happened to an order: every event carries the order as it stands after the change."""

from datetime import datetime

import msgspec

ORDER_CONFIRMED = "aisle.order.confirmed.v1"
ORDER_REJECTED = "aisle.order.rejected.v1"
ORDER_PAID = "aisle.order.paid.v1"
ORDER_SHIPPED = "aisle.order.shipped.v1"
ORDER_DELIVERED = "aisle.order.delivered.v1"
ORDER_CANCELLED = "aisle.order.cancelled.v1"
ORDER_REFUNDED = "aisle.order.refunded.v1"
ORDER_PAYMENT_CAPTURED = "aisle.order.payment_captured.v1"
ORDER_REFUND_MADE = "aisle.order.refund_made.v1"
ORDER_REFUND_FAILED = "aisle.order.refund_failed.v1"
ORDER_RETURNED = "aisle.order.returned.v1"

TYPE_OF_STATUS = {
    "CONFIRMED": ORDER_CONFIRMED,
    "REJECTED": ORDER_REJECTED,
    "PAID": ORDER_PAID,
    "SHIPPED": ORDER_SHIPPED,
    "DELIVERED": ORDER_DELIVERED,
    "CANCELLED": ORDER_CANCELLED,
    "REFUNDED": ORDER_REFUNDED,
}

TYPES_WITHOUT_MOVE = (ORDER_PAYMENT_CAPTURED, ORDER_REFUND_MADE, ORDER_REFUND_FAILED, ORDER_RETURNED)
"""What happens to an order that stays in its state: money in part, goods that come back."""


class OrderEventLine(msgspec.Struct, frozen=True):
    """One line of the order; amounts count minor units of the order's currency."""

    product_id: int
    sku: str
    product_title: str
    quantity: int
    unit_price_minor: int
    line_total_minor: int
    store_id: int | None = None
    discount_minor: int = 0
    tax_name: str = ""
    tax_ppm: int = 0
    tax_minor: int = 0
    returned: int = 0


class OrderEventTaxLine(msgspec.Struct, frozen=True):
    """All of the order that is taxed under one name and rate; `ppm` counts millionths, 210000 is 21 %."""

    name: str
    ppm: int
    taxable_minor: int
    tax_minor: int


class OrderEvent(msgspec.Struct, frozen=True):
    """The data of every `aisle.order.*.v1` event."""

    id: str
    number: str
    status: str
    currency: str
    total_minor: int
    created_at: datetime
    lines: list[OrderEventLine]
    store_id: int | None = None
    user_id: int | None = None
    email: str | None = None
    reason: str = ""
    items_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    prices_include_tax: bool = False
    tax_lines: list[OrderEventTaxLine] = []
    shipping_method: str | None = None
    discount_code: str | None = None
    captured_minor: int = 0
    refunded_minor: int = 0
