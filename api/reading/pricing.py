"""Turns bodies with percentages and decimal amounts into what the pricing use cases take; called by their handlers.

The amounts were checked when the body was read, so they can be converted here.
"""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from order_service.pricing.shipping_methods import NewShippingMethod, ShippingMethodChanges
from order_service.pricing.tariff import ShippingPrice
from order_service.pricing.tax_rates import NewTaxRate, TaxRateChanges
from schemas.http_api.pricing import (
    NewShippingMethodBody,
    NewTaxRateBody,
    ShippingMethodChangesBody,
    ShippingPriceEntry,
    TaxRateChangesBody,
)
from schemas.money import to_minor_units
from schemas.percent import to_ppm


def new_tax_rate(body: NewTaxRateBody) -> NewTaxRate:
    """Read a rate to be."""
    fields = msgspec.structs.asdict(body)
    return NewTaxRate(ppm=to_ppm(fields.pop("rate")), **fields)


def tax_rate_changes(body: TaxRateChangesBody) -> TaxRateChanges:
    """Read the changes of a rate."""
    return TaxRateChanges(name=body.name, ppm=UNSET if body.rate is UNSET else to_ppm(body.rate))


def new_shipping_method(body: NewShippingMethodBody, currency: str) -> NewShippingMethod:
    """Read a way of shipping to be."""
    return NewShippingMethod(
        code=body.code, name=body.name, prices=_prices(body.prices, currency), is_active=body.is_active
    )


def shipping_method_changes(body: ShippingMethodChangesBody, currency: str) -> ShippingMethodChanges:
    """Read the changes of a way of shipping."""
    prices = UNSET if body.prices is UNSET else _prices(body.prices, currency)
    return ShippingMethodChanges(name=body.name, prices=prices, is_active=body.is_active)


def _prices(entries: Sequence[ShippingPriceEntry], currency: str) -> list[ShippingPrice]:
    return [
        ShippingPrice(
            each.country,
            each.region,
            to_minor_units(each.price, currency),
            None if each.free_from is None else to_minor_units(each.free_from, currency),
        )
        for each in entries
    ]
