"""Puts prices on an order: discount and tax of each line, shipping, totals; called by `decide`. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from order_service.errors import FieldFault
from order_service.orders.order import OrderLine
from order_service.orders.placement import PlacementRequest
from order_service.pricing.discount import Discount, DiscountedItem, line_discounts
from order_service.pricing.place import Place, place_of
from order_service.pricing.tariff import Tariff
from order_service.pricing.tax import UNTAXED
from order_service.pricing.totals import Charge, Totals, add_up
from schemas.ids import CategoryId


class ItemToPrice(NamedTuple):
    """A line at its list price, where its product stands in the category tree, and where its store is."""

    line: OrderLine
    category_path: Sequence[CategoryId]
    store_place: Place


class PricedOrder(NamedTuple):
    """The lines with discount and tax, and what they come to."""

    lines: list[OrderLine]
    totals: Totals


def price_order(
    request: PlacementRequest,
    items: Sequence[ItemToPrice],
    tariff: Tariff,
    discount: Discount | None,
    *,
    prices_include_tax: bool,
) -> PricedOrder | list[FieldFault]:
    """Price the whole order, or say why its shipping method cannot be had.

    Tax is that of the place where the goods are handed over: the shipping address, or the store of the line when they
    are fetched there.
    """
    if discount is None and request.shipping_method is None and tariff.taxes_nothing:  # spares a third of the verdict
        items_minor = sum(item.line.line_total_minor for item in items)
        totals = Totals(items_minor=items_minor, prices_include_tax=prices_include_tax)
        return PricedOrder([item.line for item in items], totals)
    off = _off(items, discount)
    destination = place_of(request.shipping_address) if request.shipping_address else None
    charges = [
        Charge(
            item.line.line_total_minor, minus, tariff.rate_of_item(item.category_path, destination or item.store_place)
        )
        for item, minus in zip(items, off, strict=True)
    ]
    after_discount = sum(each.amount_minor - each.discount_minor for each in charges)
    shipping = _shipping(request, after_discount, tariff, destination)
    if isinstance(shipping, FieldFault):
        return [shipping]
    lines = [
        _priced(item.line, charge, included=prices_include_tax) for item, charge in zip(items, charges, strict=True)
    ]
    return PricedOrder(lines, add_up(charges, shipping, prices_include_tax=prices_include_tax))


def _off(items: Sequence[ItemToPrice], discount: Discount | None) -> list[int]:
    if discount is None:
        return [0] * len(items)
    return line_discounts(
        discount, [DiscountedItem(item.line.product_id, item.line.line_total_minor) for item in items]
    )


def _shipping(
    request: PlacementRequest, after_discount: int, tariff: Tariff, destination: Place | None
) -> Charge | FieldFault:
    if request.shipping_method is None:
        return Charge(0)
    if not tariff.ships_by(request.shipping_method):
        return FieldFault("shipping_method", "is not a way of shipping that is offered")
    if destination is None:
        return FieldFault("shipping_address", "is required with a shipping method")
    price = tariff.shipping_price(request.shipping_method, destination)
    if price is None:
        return FieldFault("shipping_method", "does not go to the shipping address")
    return Charge(price.charge(after_discount), rate=tariff.rate_of_shipping(destination))


def _priced(line: OrderLine, charge: Charge, *, included: bool) -> OrderLine:
    if charge.rate is UNTAXED and not charge.discount_minor:
        return line
    return msgspec.structs.replace(
        line,
        discount_minor=charge.discount_minor,
        tax_name=charge.rate.name,
        tax_ppm=charge.rate.ppm,
        tax_minor=charge.tax_minor(included=included),
    )
