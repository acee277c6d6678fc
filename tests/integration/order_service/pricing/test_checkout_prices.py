"""Carts that are checked out with a discount, tax and shipping."""

import asyncio
import uuid
from collections import Counter

import pytest

from order_service.database.engine import Database
from order_service.errors import InvalidInput
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import Placed, PlacementRequest
from order_service.pricing.discount_codes import NewDiscountCode, create_discount_code, read_discount_code
from order_service.pricing.shipping_methods import NewShippingMethod, create_shipping_method
from order_service.pricing.tariff import ShippingPrice
from order_service.pricing.tax_rates import NewTaxRate, create_tax_rate
from schemas.shop_settings import ShopSettings
from tests.factories.carts import guest, open_cart, put, reserved
from tests.factories.catalogue import STAFF, a_product, a_store
from tests.factories.placements import place_order
from tests.factories.tariff import COUNTRY, a_region

pytestmark = pytest.mark.servers

SHOP = ShopSettings()


async def test_a_cart_is_sold_with_discount_tax_and_shipping_and_replayed_as_it_was(database: Database) -> None:
    region, store = a_region(), await a_store(database)
    product = await a_product(database, {store.id: 5}, price_minor=1000)
    await create_tax_rate(database, NewTaxRate(name="VAT", ppm=210_000, country=COUNTRY, region=region), STAFF)
    prices = [ShippingPrice(COUNTRY, region, 399)]
    await create_shipping_method(database, NewShippingMethod(code=region.lower(), name="S", prices=prices), STAFF)
    await create_discount_code(database, NewDiscountCode(code=region, amount_minor=500, max_uses=1), STAFF)
    owner = guest()
    await put(database, owner, product.id, 2)
    request = PlacementRequest(
        lines=(),
        cart=owner,
        discount_code=region,
        shipping_method=region.lower(),
        shipping_address={"name": "A", "line1": "1", "city": "C", "country": COUNTRY, "region": region},
        idempotency=IdempotencyKey("test checkout", uuid.uuid4().hex, b"body"),
    )
    placed = await place_order(database, SHOP, request)
    totals = placed.order.totals
    assert (totals.items_minor, totals.discount_minor, totals.shipping_minor, totals.tax_minor) == (2000, 500, 399, 315)
    again = await place_order(database, SHOP, request)
    assert (again.replayed, again.order) == (True, placed.order)


async def test_a_refused_code_leaves_the_cart_open_and_what_it_holds(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    owner = guest()
    await put(database, owner, product.id, 2)
    with pytest.raises(InvalidInput, match="discount_code"):
        await place_order(database, SHOP, PlacementRequest(lines=(), cart=owner, discount_code="NO-SUCH-CODE"))
    assert (await open_cart(database, owner)).items[0].quantity == 2
    assert await reserved(database, product.id) == {store.id: 2}


async def test_carts_and_orders_that_race_for_a_code_use_it_up_and_no_further(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 100})
    code = await create_discount_code(database, NewDiscountCode(code=uuid.uuid4().hex, ppm=1, max_uses=5), STAFF)
    owners = [guest() for _ in range(10)]
    for owner in owners:
        await put(database, owner, product.id)
    processes = [OrderPlacements(database, SHOP) for _ in range(2)]
    requests = [PlacementRequest(lines=(), cart=owner, discount_code=code.code) for owner in owners]
    outcomes = await asyncio.gather(
        *(processes[at % 2].place(each) for at, each in enumerate(requests)), return_exceptions=True
    )
    for each in processes:
        await each.close()
    assert Counter(type(each) for each in outcomes) == {Placed: 5, InvalidInput: 5}
    assert (await read_discount_code(database, code.id)).uses == 5
    assert await reserved(database, product.id) == {store.id: 5}
