"""The shop's tax rates and shipping prices as one value that answers what holds where; `decide` asks it. Pure.

The nearest category that has a rate decides, then the narrowest place: a reduced rate for books holds for comics, and
in every region of its country, unless these have rates of their own.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from order_service.pricing.place import Place
from order_service.pricing.tax import UNTAXED, Rate
from schemas.ids import CategoryId

RateKey = tuple[str, CategoryId | None, Place]


class TaxRule(msgspec.Struct, frozen=True):
    """One row of the rate table; no category is any category, an empty country or region is all of them."""

    applies_to: str
    category_id: CategoryId | None
    country: str
    region: str
    name: str
    ppm: int


class ShippingPrice(msgspec.Struct, frozen=True):
    """What a method costs in one place; nothing from `free_from_minor` on, counted in items after discount."""

    country: str
    region: str
    price_minor: int
    free_from_minor: int | None = None

    def charge(self, items_minor: int) -> int:
        """Give the price for items that come to so much after discount."""
        is_free = self.free_from_minor is not None and items_minor >= self.free_from_minor
        return 0 if is_free else self.price_minor


class ShippingOffer(msgspec.Struct, frozen=True):
    """A way of shipping that can be chosen, with its price in each place that it serves."""

    code: str
    name: str
    prices: list[ShippingPrice]


def by_place(prices: Iterable[ShippingPrice]) -> dict[Place, ShippingPrice]:
    """Index the prices of one method."""
    return {Place(each.country, each.region): each for each in prices}


def narrowest_price(prices: Mapping[Place, ShippingPrice], place: Place) -> ShippingPrice | None:
    """Give the price of the narrowest place that holds this one: its region, its country, anywhere."""
    return next((prices[each] for each in place.widening() if each in prices), None)


class Tariff:
    """Looks rates and shipping prices up; made once per `version` of the tables."""

    def __init__(self, version: int, rules: Iterable[TaxRule] = (), offers: Iterable[ShippingOffer] = ()) -> None:
        self.version = version
        self._rates: dict[RateKey, Rate] = {
            (rule.applies_to, rule.category_id, Place(rule.country, rule.region)): Rate(rule.name, rule.ppm)
            for rule in rules
        }
        self._prices = {offer.code: by_place(offer.prices) for offer in offers}

    @property
    def taxes_nothing(self) -> bool:
        """Whether there is no rate at all."""
        return not self._rates

    def rate_of_item(self, category_path: Sequence[CategoryId], place: Place) -> Rate:
        """Find the rate for a product; its categories go from the root to its own."""
        return self._rate("items", (*reversed(category_path), None), place)

    def rate_of_shipping(self, place: Place) -> Rate:
        """Find the rate for the shipping charge."""
        return self._rate("shipping", (None,), place)

    def _rate(self, applies_to: str, categories: Iterable[CategoryId | None], place: Place) -> Rate:
        if not self._rates:
            return UNTAXED
        for category in categories:
            for each in place.widening():
                if found := self._rates.get((applies_to, category, each)):
                    return found
        return UNTAXED

    def ships_by(self, code: str) -> bool:
        """Whether there is such a way of shipping."""
        return code in self._prices

    def shipping_price(self, code: str, place: Place) -> ShippingPrice | None:
        """Find what the method costs there; None where it does not go."""
        return narrowest_price(self._prices.get(code, {}), place)


NO_TARIFF = Tariff(0)
"""A shop without tax and shipping, as every installation begins."""
