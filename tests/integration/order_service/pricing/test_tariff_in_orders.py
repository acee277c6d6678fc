"""Orders that are priced by the tables as staff keep them."""

from typing import Any

import pytest

from order_service.database.engine import Database
from order_service.errors import InvalidInput
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, PlacementRequest
from order_service.orders.read_orders import read_order
from order_service.pricing.shipping_methods import NewShippingMethod, create_shipping_method
from order_service.pricing.tariff import ShippingPrice
from order_service.pricing.tax_rates import NewTaxRate, TaxRateChanges, change_tax_rate, create_tax_rate
from order_service.pricing.totals import TaxLine
from schemas.environment import load
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import STAFF, a_category, a_product, a_store
from tests.factories.placements import place_order
from tests.factories.tariff import COUNTRY, a_region

pytestmark = pytest.mark.servers


def sent_to(region: str) -> dict[str, Any]:
    return {"name": "A", "line1": "Station 1", "city": "Base", "country": COUNTRY, "region": region}


async def test_an_order_is_taxed_by_category_and_place_and_keeps_what_it_was_taxed_with(database: Database) -> None:
    region, store = a_region(), await a_store(database)
    media = await a_category(database)
    books = await a_category(database, parent_id=media.id)
    book, pen = [
        await a_product(database, {store.id: 9}, price_minor=price, category=category)
        for price, category in ((1999, books.id), (1000, media.id))
    ]
    vat = await create_tax_rate(database, NewTaxRate(name="VAT", ppm=210_000, country=COUNTRY, region=region), STAFF)
    of_books = NewTaxRate(name="Books", ppm=50_000, country=COUNTRY, region=region, category_id=books.id)
    await create_tax_rate(database, of_books, STAFF)
    lines = (LineRequest(book.id, 1), LineRequest(pen.id, 2))
    request = PlacementRequest(lines, store_id=store.id, shipping_address=sent_to(region.lower()))
    placements = OrderPlacements(database, ShopSettings())
    order = (await placements.place(request)).order
    assert [line.tax_minor for line in order.lines] == [100, 420]
    assert order.tax_lines == [TaxLine("VAT", 210_000, 2000, 420), TaxLine("Books", 50_000, 1999, 100)]
    assert order.total_minor == 1999 + 2000 + 520
    assert await read_order(database, order.id) == order
    await change_tax_rate(database, vat.id, TaxRateChanges(ppm=220_000), STAFF)
    later = (await placements.place(request)).order
    assert [line.tax_minor for line in later.lines] == [100, 440]
    assert (await read_order(database, order.id)).totals.tax_minor == 520


async def test_gross_prices_hold_their_tax_and_shipping_is_free_from_its_threshold(database: Database) -> None:
    region, store = a_region(), await a_store(database)
    product = await a_product(database, {store.id: 9}, price_minor=1210)
    for applies_to in ("items", "shipping"):
        rate = NewTaxRate(name="VAT", ppm=210_000, applies_to=applies_to, country=COUNTRY, region=region)
        await create_tax_rate(database, rate, STAFF)
    prices = [ShippingPrice(COUNTRY, region, 605, 2420)]
    method = await create_shipping_method(
        database, NewShippingMethod(code=region.lower(), name="Sledge", prices=prices), STAFF
    )
    gross = load(ShopSettings, {"PRICES_INCLUDE_TAX": "true"})
    asked: dict[str, Any] = {"store_id": store.id, "shipping_address": sent_to(region), "shipping_method": method.code}
    one = (await place_order(database, gross, PlacementRequest((LineRequest(product.id, 1),), **asked))).order
    assert (one.totals.shipping_minor, one.totals.tax_minor, one.total_minor) == (605, 210 + 105, 1815)
    assert await read_order(database, one.id) == one
    two = (await place_order(database, gross, PlacementRequest((LineRequest(product.id, 2),), **asked))).order
    assert (two.totals.shipping_minor, two.total_minor) == (0, 2420)


async def test_the_least_order_is_about_the_items_without_shipping(database: Database) -> None:
    region, store = a_region(), await a_store(database)
    product = await a_product(database, {store.id: 9}, price_minor=900)
    prices = [ShippingPrice(COUNTRY, region, 500)]
    method = await create_shipping_method(
        database, NewShippingMethod(code=region.lower(), name="Sledge", prices=prices), STAFF
    )
    asked: dict[str, Any] = {"store_id": store.id, "shipping_address": sent_to(region), "shipping_method": method.code}
    shop = load(ShopSettings, {"MIN_ORDER_AMOUNT": "10"})
    with pytest.raises(InvalidInput, match="least order"):
        await place_order(database, shop, PlacementRequest((LineRequest(product.id, 1),), **asked))
