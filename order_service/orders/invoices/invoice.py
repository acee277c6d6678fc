"""What an invoice says, made from the order and the seller; pure, drawn by `draw_invoice`."""

from datetime import date
from typing import Any

import msgspec

from order_service.orders.order import Order
from schemas.money import to_amount
from schemas.percent import to_percent
from schemas.shop_settings import SellerSettings

ADDRESS_PARTS = ("name", "line1", "line2")


class InvoiceLine(msgspec.Struct, frozen=True):
    """One row of the table; amounts as they are written."""

    title: str
    sku: str
    quantity: int
    unit_price: str
    total: str


class Sum(msgspec.Struct, frozen=True):
    """One row below the table."""

    label: str
    amount: str
    is_total: bool = False


class Invoice(msgspec.Struct, frozen=True):
    """Everything that is printed; `number` counts invoices without a gap."""

    number: str
    issued_on: date
    order_number: str
    ordered_on: date
    currency: str
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    lines: tuple[InvoiceLine, ...]
    sums: tuple[Sum, ...]


def invoice_of(order: Order, seller: SellerSettings, number: str, issued_on: date) -> Invoice:
    """Say what the invoice of this order says; the billing address stands before the one goods go to."""
    return Invoice(
        number=number,
        issued_on=issued_on,
        order_number=order.number,
        ordered_on=order.created_at.date(),
        currency=order.currency,
        seller=_seller_lines(seller),
        buyer=_buyer_lines(order),
        lines=tuple(
            InvoiceLine(
                title=line.product_title,
                sku=line.sku,
                quantity=line.quantity,
                unit_price=to_amount(line.unit_price_minor, order.currency),
                total=to_amount(line.line_total_minor, order.currency),
            )
            for line in order.lines
        ),
        sums=_sums(order),
    )


def _sums(order: Order) -> tuple[Sum, ...]:
    """Say what the total is made of: tax that prices include stands below it, tax on top of them above."""
    total = Sum("Total", to_amount(order.total_minor, order.currency), is_total=True)
    parts, taxes = _parts(order), _taxes(order)
    return (*parts, total, *taxes) if order.totals.prices_include_tax else (*parts, *taxes, total)


def _parts(order: Order) -> list[Sum]:
    """List items, discount and shipping; nothing where the items are all there is."""
    totals = order.totals
    code = f" ({order.discount_code})" if order.discount_code else ""
    method = f" ({order.shipping_method})" if order.shipping_method else ""
    changes = [(f"Discount{code}", -totals.discount_minor), (f"Shipping{method}", totals.shipping_minor)]
    changes = [(label, amount) for label, amount in changes if amount]
    rows = [("Items", totals.items_minor), *changes] if changes or order.tax_lines else []
    return [Sum(label, to_amount(amount, order.currency)) for label, amount in rows]


def _taxes(order: Order) -> list[Sum]:
    start = "of which " if order.totals.prices_include_tax else ""
    return [
        Sum(f"{start}{each.name} {to_percent(each.ppm)} %", to_amount(each.tax_minor, order.currency))
        for each in order.tax_lines
    ]


def _seller_lines(seller: SellerSettings) -> tuple[str, ...]:
    tax_id = f"Tax ID {seller.tax_id}" if seller.tax_id else ""
    lines = [seller.name, *seller.address.split("|"), tax_id, seller.email]
    return tuple(line.strip() for line in lines if line.strip())


def _buyer_lines(order: Order) -> tuple[str, ...]:
    address = order.billing_address or order.shipping_address or {}
    lines = [*address_lines(address), order.email or ""]
    return tuple(line for line in lines if line)


def address_lines(address: dict[str, Any]) -> list[str]:
    """Write an address in the order most of the world writes it, without empty lines."""
    town = " ".join(str(address.get(part, "")) for part in ("postal_code", "city")).strip()
    lines = [str(address.get(part, "")) for part in ADDRESS_PARTS]
    lines += [town, str(address.get("region", "")), str(address.get("country", ""))]
    return [line for line in lines if line]
