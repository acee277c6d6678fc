"""An order as every reader sees it: value structs without behaviour, and the event made from them."""

from datetime import datetime
from typing import Any

import msgspec

from order_service.payments.payment import Payment, Refund
from order_service.pricing.totals import Taxed, TaxLine, Totals, tax_lines
from schemas.events.order_events import OrderEvent, OrderEventLine, OrderEventTaxLine
from schemas.ids import OrderId, ProductId, ReturnId, StoreId, UserId


class OrderLine(msgspec.Struct, frozen=True):
    """One product of an order at the price it was sold for; amounts count minor units, `tax_ppm` millionths.

    `line_total_minor` is before the discount; the tax is on what is left after it.
    """

    product_id: ProductId
    sku: str
    product_title: str
    quantity: int
    unit_price_minor: int
    line_total_minor: int
    store_id: StoreId | None = None
    discount_minor: int = 0
    tax_name: str = ""
    tax_ppm: int = 0
    tax_minor: int = 0
    returned: int = 0


class HistoryEntry(msgspec.Struct, frozen=True):
    """One move of an order: who took it from where to where, when and why."""

    from_status: str | None
    to_status: str
    actor: str
    reason: str
    created_at: datetime


class ReturnedLine(msgspec.Struct, frozen=True):
    """So many pieces of a line that came back, on the shelf again or not."""

    line_number: int
    quantity: int
    restocked: bool


class GoodsReturn(msgspec.Struct, frozen=True):
    """Goods of an order that came back at once; `refunds` of the order name the return that they pay back."""

    id: ReturnId
    reason: str
    actor: str
    created_at: datetime
    lines: list[ReturnedLine]


class Order(msgspec.Struct, frozen=True):
    """A placed order; `reason` says why a REJECTED one was, `store_id` is None for no store or several."""

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
    totals: Totals = Totals()
    shipping_method: str | None = None
    discount_code: str | None = None
    payments: list[Payment] = []
    refunds: list[Refund] = []
    returns: list[GoodsReturn] = []

    @property
    def tax_lines(self) -> list[TaxLine]:
        """All tax by name and rate, that on shipping included."""
        return tax_lines(
            [*map(_taxed, self.lines), _taxed_shipping(self.totals)], prices_include_tax=self.totals.prices_include_tax
        )

    @property
    def captured_minor(self) -> int:
        """What was captured of it in all."""
        return sum(payment.captured_minor for payment in self.payments)

    @property
    def refunded_minor(self) -> int:
        """What was paid back of it in all; refunds under way do not count yet."""
        return sum(refund.amount_minor for refund in self.refunds if refund.status == "SUCCEEDED")


def _taxed(line: OrderLine) -> Taxed:
    return Taxed(line.tax_name, line.tax_ppm, line.line_total_minor - line.discount_minor, line.tax_minor)


def _taxed_shipping(totals: Totals) -> Taxed:
    tax = totals.shipping_tax
    return Taxed(tax.name, tax.ppm, totals.shipping_minor, tax.minor)


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
        items_minor=order.totals.items_minor,
        discount_minor=order.totals.discount_minor,
        shipping_minor=order.totals.shipping_minor,
        tax_minor=order.totals.tax_minor,
        prices_include_tax=order.totals.prices_include_tax,
        tax_lines=[OrderEventTaxLine(**msgspec.structs.asdict(each)) for each in order.tax_lines],
        shipping_method=order.shipping_method,
        discount_code=order.discount_code,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
    )
