"""An order as every reader sees it: value structs without behaviour, and the event made from them."""

from datetime import datetime
from typing import Any

import msgspec

from schemas.events.order_events import OrderEvent, OrderEventLine
from schemas.ids import OrderId, ProductId, StoreId, UserId


class OrderLine(msgspec.Struct, frozen=True):
    """One product of an order at the price it was sold for; amounts count minor units."""

    product_id: ProductId
    sku: str
    product_title: str
    quantity: int
    unit_price_minor: int
    line_total_minor: int
    store_id: StoreId | None = None


class HistoryEntry(msgspec.Struct, frozen=True):
    """One move of an order: who took it from where to where, when and why."""

    from_status: str | None
    to_status: str
    actor: str
    reason: str
    created_at: datetime


class Order(msgspec.Struct, frozen=True):
    """A placed order; `reason` says why a REJECTED one was, `store_id` is None when no store was in question."""

    id: OrderId
    number: str
    status: str
    currency: str
    total_minor: int
    created_at: datetime
    lines: list[OrderLine]
    store_id: StoreId | None = None
    user_id: UserId | None = None
    email: str | None = None
    reason: str = ""
    note: str = ""
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    history: list[HistoryEntry] = []


def event_of(order: Order) -> OrderEvent:
    """Make the data of the event that tells of the order's present state."""
    return OrderEvent(
        id=str(order.id),
        number=order.number,
        status=order.status,
        currency=order.currency,
        total_minor=order.total_minor,
        created_at=order.created_at,
        lines=[OrderEventLine(**msgspec.structs.asdict(line)) for line in order.lines],
        store_id=order.store_id,
        user_id=order.user_id,
        email=order.email,
        reason=order.reason,
    )
