"""The amounts of a batch of orders as the columns of `WRITE_ORDERS`; called by `place_orders`. Pure."""

from collections.abc import Sequence
from typing import Any

from order_service.orders.order import Order, OrderLine


def order_money_columns(orders: Sequence[Order]) -> dict[str, list[Any]]:
    """Give one array a column, one entry an order."""
    totals = [order.totals for order in orders]
    return {
        "items": [each.items_minor for each in totals],
        "discounts": [each.discount_minor for each in totals],
        "shippings": [each.shipping_minor for each in totals],
        "taxes": [each.tax_minor for each in totals],
        "shipping_tax_names": [each.shipping_tax.name for each in totals],
        "shipping_tax_ppms": [each.shipping_tax.ppm for each in totals],
        "shipping_taxes": [each.shipping_tax.minor for each in totals],
        "shipping_methods": [order.shipping_method for order in orders],
        "discount_codes": [order.discount_code for order in orders],
    }


def line_money_columns(lines: Sequence[OrderLine]) -> dict[str, list[Any]]:
    """Give one array a column, one entry a line."""
    return {
        "line_discounts": [line.discount_minor for line in lines],
        "line_tax_names": [line.tax_name for line in lines],
        "line_tax_ppms": [line.tax_ppm for line in lines],
        "line_taxes": [line.tax_minor for line in lines],
    }
