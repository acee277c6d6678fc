"""Adds an order up: items, discount, shipping, tax, total; called by `orders.price_order`. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from order_service.pricing.tax import UNTAXED, Rate, tax_of


class Charge(msgspec.Struct, frozen=True):
    """One amount that tax is due on: a line before and without its discount, or the shipping."""

    amount_minor: int
    discount_minor: int = 0
    rate: Rate = UNTAXED

    def tax_minor(self, *, included: bool) -> int:
        """Give the tax on what is left after the discount."""
        return tax_of(self.amount_minor - self.discount_minor, self.rate.ppm, included=included)


class ShippingTax(msgspec.Struct, frozen=True):
    """What of an order's tax is due on its shipping."""

    name: str = ""
    ppm: int = 0
    minor: int = 0


class Totals(msgspec.Struct, frozen=True):
    """What a total is made of, in minor units; `tax_minor` is part of the other amounts where prices include tax."""

    items_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    prices_include_tax: bool = False
    shipping_tax: ShippingTax = ShippingTax()

    @property
    def after_discount_minor(self) -> int:
        """The items without shipping and added tax: what MIN_ORDER_AMOUNT and free shipping look at."""
        return self.items_minor - self.discount_minor

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        added = 0 if self.prices_include_tax else self.tax_minor
        return self.after_discount_minor + self.shipping_minor + added


class TaxLine(msgspec.Struct, frozen=True):
    """All that is taxed under one name and rate; `taxable_minor` is net of the tax."""

    name: str
    ppm: int
    taxable_minor: int
    tax_minor: int


class Taxed(msgspec.Struct, frozen=True):
    """One amount with its tax, as recorded."""

    name: str
    ppm: int
    amount_minor: int
    tax_minor: int


def add_up(items: Sequence[Charge], shipping: Charge, *, prices_include_tax: bool) -> Totals:
    """Add the lines and the shipping up; tax is rounded per line, so that the sum is that of what the lines show."""
    shipping_tax = shipping.tax_minor(included=prices_include_tax)
    return Totals(
        items_minor=sum(each.amount_minor for each in items),
        discount_minor=sum(each.discount_minor for each in items),
        shipping_minor=shipping.amount_minor,
        tax_minor=sum(each.tax_minor(included=prices_include_tax) for each in items) + shipping_tax,
        prices_include_tax=prices_include_tax,
        shipping_tax=ShippingTax(shipping.rate.name, shipping.rate.ppm, shipping_tax),
    )


def tax_lines(taxed: Iterable[Taxed], *, prices_include_tax: bool) -> list[TaxLine]:
    """Sum up by name and rate, the highest rate first; amounts without a rate are left out."""
    sums: dict[Rate, tuple[int, int]] = {}
    for each in taxed:
        if each.name or each.ppm:
            net = each.amount_minor - (each.tax_minor if prices_include_tax else 0)
            taxable, tax = sums.get(Rate(each.name, each.ppm), (0, 0))
            sums[Rate(each.name, each.ppm)] = (taxable + net, tax + each.tax_minor)
    ordered = sorted(sums.items(), key=lambda entry: (-entry[0].ppm, entry[0].name))
    return [TaxLine(rate.name, rate.ppm, taxable, tax) for rate, (taxable, tax) in ordered]
