"""Renders tax rates and shipping methods; called by their handlers."""

import msgspec

from order_service.pricing.shipping_methods import ShippingMethod
from order_service.pricing.tariff import ShippingPrice
from order_service.pricing.tax_rates import TaxRate
from schemas.http_api.pricing import ShippingMethodBody, ShippingPriceBody, TaxRateBody
from schemas.money import to_amount
from schemas.percent import to_percent


def tax_rate_body(rate: TaxRate) -> TaxRateBody:
    """Render one rate for staff."""
    return TaxRateBody(
        id=rate.id,
        name=rate.name,
        rate=to_percent(rate.ppm),
        applies_to=rate.applies_to,
        country=rate.country,
        region=rate.region,
        category_id=rate.category_id,
        **msgspec.structs.asdict(rate.record),
    )


def shipping_method_body(method: ShippingMethod, currency: str, *, for_staff: bool) -> ShippingMethodBody:
    """Render one way of shipping; who made and changed it is shown to staff."""
    return ShippingMethodBody(
        id=method.id,
        code=method.code,
        name=method.name,
        currency=currency,
        prices=[_price(each, currency) for each in method.prices],
        is_active=method.is_active,
        **(msgspec.structs.asdict(method.record) if for_staff else {}),
    )


def _price(price: ShippingPrice, currency: str) -> ShippingPriceBody:
    free_from = price.free_from_minor
    return ShippingPriceBody(
        country=price.country,
        region=price.region,
        price=to_amount(price.price_minor, currency),
        free_from=None if free_from is None else to_amount(free_from, currency),
    )
