"""Which rate and which shipping price hold where."""

import pytest

from order_service.pricing.place import ANYWHERE, Place
from order_service.pricing.tariff import NO_TARIFF, ShippingOffer, ShippingPrice, Tariff, TaxRule
from order_service.pricing.tax import UNTAXED
from schemas.ids import CategoryId

MEDIA, BOOKS, COMICS, TOOLS = (CategoryId(number) for number in range(1, 5))
TARIFF = Tariff(
    3,
    [
        TaxRule("items", None, "", "", "anywhere", 50_000),
        TaxRule("items", None, "LT", "", "LT", 210_000),
        TaxRule("items", None, "US", "CA", "California", 72_500),
        TaxRule("items", BOOKS, "LT", "", "LT books", 50_000),
        TaxRule("items", BOOKS, "LT", "VILNIUS", "Vilnius books", 60_000),
        TaxRule("shipping", None, "LT", "", "LT shipping", 210_000),
    ],
    [ShippingOffer("post", "Post", [ShippingPrice("LT", "", 399, 5000), ShippingPrice("LT", "KAUNAS", 299)])],
)


@pytest.mark.parametrize(
    ("path", "place", "expected"),
    [
        ((TOOLS,), Place("LT"), "LT"),
        ((TOOLS,), Place("LT", "VILNIUS"), "LT"),
        ((TOOLS,), Place("US"), "anywhere"),
        ((TOOLS,), Place("US", "CA"), "California"),
        ((TOOLS,), ANYWHERE, "anywhere"),
        ((MEDIA,), Place("LT"), "LT"),
        ((MEDIA, BOOKS), Place("LT"), "LT books"),
        ((MEDIA, BOOKS, COMICS), Place("LT"), "LT books"),
        ((MEDIA, BOOKS, COMICS), Place("LT", "VILNIUS"), "Vilnius books"),
        ((MEDIA, BOOKS), Place("US", "CA"), "California"),
    ],
)
def test_the_nearest_category_decides_and_then_the_narrowest_place(
    path: tuple[CategoryId, ...], place: Place, expected: str
) -> None:
    assert TARIFF.rate_of_item(path, place).name == expected


def test_shipping_is_taxed_by_its_own_rates_only() -> None:
    assert TARIFF.rate_of_shipping(Place("LT", "VILNIUS")).name == "LT shipping"
    assert TARIFF.rate_of_shipping(Place("US")) == UNTAXED


def test_the_narrowest_shipping_price_holds_and_there_is_none_where_the_method_does_not_go() -> None:
    country, region = (TARIFF.shipping_price("post", place) for place in (Place("LT"), Place("LT", "KAUNAS")))
    assert country
    assert region
    assert [country.charge(items) for items in (0, 4999, 5000)] == [399, 399, 0]
    assert region.charge(10**9) == 299
    assert TARIFF.shipping_price("post", Place("US")) is None
    assert TARIFF.ships_by("post")
    assert not TARIFF.ships_by("drone")


def test_a_shop_without_a_tariff_taxes_nothing() -> None:
    assert NO_TARIFF.rate_of_item((BOOKS,), Place("LT")) == UNTAXED
