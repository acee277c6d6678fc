"""Prices on an order: whose tax, which shipping."""

from typing import Any

import pytest

from order_service.orders.order import OrderLine
from order_service.orders.placement import LineRequest, PlacementRequest
from order_service.orders.price_order import ItemToPrice, PricedOrder, price_order
from order_service.pricing.discount import Discount
from order_service.pricing.place import Place
from order_service.pricing.tariff import NO_TARIFF, ShippingOffer, ShippingPrice, Tariff, TaxRule
from schemas.ids import CategoryId, ProductId

LITHUANIA = {"name": "A", "line1": "Street 1", "city": "Town", "country": "LT"}
CALIFORNIA = Place("US", "CA")
TARIFF = Tariff(
    1,
    [
        TaxRule("items", None, "LT", "", "PVM", 210_000),
        TaxRule("items", None, "US", "CA", "Sales tax", 72_500),
        TaxRule("shipping", None, "LT", "", "PVM", 210_000),
    ],
    [ShippingOffer("post", "Post", [ShippingPrice("LT", "", 500, 3000)])],
)


def priced(*prices: int, discount: Discount | None = None, gross: bool = False, **asked: Any) -> Any:
    lines = [OrderLine(ProductId(number), f"s{number}", "P", 1, price, price) for number, price in enumerate(prices, 1)]
    request = PlacementRequest(tuple(LineRequest(line.product_id, 1) for line in lines), **asked)
    items = [ItemToPrice(line, [CategoryId(1)], CALIFORNIA) for line in lines]
    return price_order(request, items, TARIFF, discount, prices_include_tax=gross)


def test_goods_that_are_fetched_are_taxed_where_their_store_is() -> None:
    outcome = priced(1000)
    assert isinstance(outcome, PricedOrder)
    assert (outcome.lines[0].tax_name, outcome.totals.tax_minor, outcome.totals.total_minor) == ("Sales tax", 73, 1073)


def test_goods_that_are_sent_are_taxed_where_they_go_and_so_is_their_shipping() -> None:
    totals = priced(1000, 999, shipping_address=LITHUANIA, shipping_method="post").totals
    assert (totals.shipping_minor, totals.shipping_tax.minor) == (500, 105)
    assert (totals.tax_minor, totals.total_minor) == (210 + 210 + 105, 1999 + 500 + 525)


def test_gross_prices_hold_their_tax() -> None:
    totals = priced(1210, shipping_address=LITHUANIA, gross=True).totals
    assert (totals.tax_minor, totals.total_minor, totals.prices_include_tax) == (210, 1210, True)


def test_shipping_is_free_from_a_threshold_that_the_items_reach_after_their_discount() -> None:
    sent: dict[str, Any] = {"shipping_address": LITHUANIA, "shipping_method": "post"}
    assert priced(3000, **sent).totals.shipping_minor == 0
    outcome = priced(3000, discount=Discount("C", "fixed", amount_minor=1), **sent)
    assert (outcome.totals.shipping_minor, outcome.lines[0].discount_minor) == (500, 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"shipping_method": "drone", "shipping_address": LITHUANIA}, "shipping_method"),
        ({"shipping_method": "post"}, "shipping_address"),
        ({"shipping_method": "post", "shipping_address": {**LITHUANIA, "country": "US"}}, "shipping_method"),
    ],
)
def test_a_method_that_cannot_be_had_is_named(asked: dict[str, Any], field: str) -> None:
    [fault] = priced(1000, **asked)
    assert fault.field == field


@pytest.mark.parametrize("gross", [False, True])
def test_a_shop_without_rates_comes_to_the_same_by_the_short_way(*, gross: bool) -> None:
    lines = [OrderLine(ProductId(number), "s", "P", 2, 500, 1000) for number in (1, 2)]
    items = [ItemToPrice(line, [CategoryId(1)], CALIFORNIA) for line in lines]
    request = PlacementRequest(tuple(LineRequest(line.product_id, 2) for line in lines))
    elsewhere = Tariff(1, [TaxRule("items", None, "LT", "", "PVM", 210_000)])
    short, long = (
        price_order(request, items, tariff, None, prices_include_tax=gross) for tariff in (NO_TARIFF, elsewhere)
    )
    assert short == long
