"""What staff do is on record in the transaction of the deed itself."""

from typing import Any

import pytest
from sqlalchemy import exc, text

from order_service.actor import Actor
from order_service.audit.trail import Deed, TrailEntry, TrailFilter, read_trail, record
from order_service.catalog.categories import CategoryChanges, change_category, delete_category
from order_service.catalog.stores import StoreChanges, change_store, delete_store
from order_service.catalog.write_product import ProductChanges, change_product, delete_product
from order_service.database.engine import Database
from order_service.errors import StillReferenced
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.parcels import NewParcel, add_parcel, delete_parcel
from order_service.orders.placement import LineRequest, PlacementRequest
from order_service.pricing.discount_codes import (
    DiscountCodeChanges,
    NewDiscountCode,
    change_discount_code,
    create_discount_code,
    delete_discount_code,
)
from order_service.pricing.shipping_methods import (
    NewShippingMethod,
    ShippingMethodChanges,
    change_shipping_method,
    create_shipping_method,
    delete_shipping_method,
)
from order_service.pricing.tariff import ShippingPrice
from order_service.pricing.tax_rates import (
    NewTaxRate,
    TaxRateChanges,
    change_tax_rate,
    create_tax_rate,
    delete_tax_rate,
)
from order_service.stock.levels import LevelChange, set_level
from order_service.unit_of_work import UnitOfWork
from schemas.ids import UserId
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import a_category, a_product, a_store, unique
from tests.factories.placements import place_order
from tests.factories.tariff import COUNTRY, a_region

pytestmark = pytest.mark.servers

STAFF = Actor("user:71", "request-71")


async def trail_of(database: Database, subject: str) -> list[TrailEntry]:
    """Give what is on record of the subject, newest first."""
    entries, count = await read_trail(database, TrailFilter(subject=subject), page=1, page_size=100)
    assert count == len(entries)
    return entries


def told(entry: TrailEntry) -> tuple[str, dict[str, Any]]:
    return entry.action, entry.details


async def test_a_products_life_is_on_record_with_what_changed(database: Database) -> None:
    product = await a_product(database)
    await change_product(database, product.id, ProductChanges(price_minor=999, title=product.title), STAFF)
    await change_product(database, product.id, ProductChanges(price_minor=999), STAFF)
    await delete_product(database, product.id, STAFF)
    deleted, changed, created = await trail_of(database, f"product:{product.id}")
    assert [each.action for each in (deleted, changed, created)] == [
        "product.delete",
        "product.change",
        "product.create",
    ]
    assert changed.details == {"price_minor": {"before": 2500, "after": 999}}
    assert (changed.actor, changed.request_id) == ("user:71", "request-71")
    assert created.details["title"] == product.title


async def test_categories_and_stores_are_on_record(database: Database) -> None:
    category, store = await a_category(database), await a_store(database)
    name = unique("Renamed")
    await change_category(database, category.id, CategoryChanges(name=name), STAFF)
    await change_store(database, store.id, StoreChanges(city="Ghent"), STAFF)
    await delete_category(database, category.id, STAFF)
    await delete_store(database, store.id, STAFF)
    actions = [told(each) for each in await trail_of(database, f"category:{category.id}")]
    assert actions[:2] == [
        ("category.delete", {}),
        ("category.change", {"name": {"before": category.name, "after": name}}),
    ]
    assert [told(each) for each in await trail_of(database, f"store:{store.id}")][:2] == [
        ("store.delete", {}),
        ("store.change", {"city": {"before": "", "after": "Ghent"}}),
    ]


async def test_a_stock_level_is_on_record_with_its_reason(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    await set_level(database, store.id, product.id, LevelChange(adjust_by=-2, reason="broken"), STAFF)
    newest = (await trail_of(database, f"product:{product.id}"))[0]
    assert told(newest) == ("stock.set", {"store_id": store.id, "on_hand": {"before": 5, "after": 3}})
    assert newest.reason == "broken"


async def test_what_staff_keep_of_prices_is_on_record(database: Database) -> None:
    region = a_region()
    rate = await create_tax_rate(database, NewTaxRate(name="VAT", ppm=1, country=COUNTRY, region=region), STAFF)
    await change_tax_rate(database, rate.id, TaxRateChanges(name="VAT", ppm=2), STAFF)
    await change_tax_rate(database, rate.id, TaxRateChanges(ppm=2), STAFF)
    await delete_tax_rate(database, rate.id, STAFF)
    deleted, changed, created = await trail_of(database, f"tax-rate:{rate.id}")
    assert told(changed) == ("tax-rate.change", {"ppm": {"before": 1, "after": 2}})
    assert (deleted.details["region"], created.details["name"]) == (region, "VAT")

    new = NewShippingMethod(code=region.lower(), name="Sledge", prices=[ShippingPrice(COUNTRY, region, 5)])
    method = await create_shipping_method(database, new, STAFF)
    await change_shipping_method(database, method.id, ShippingMethodChanges(prices=new.prices, name="Dogs"), STAFF)
    await change_shipping_method(database, method.id, ShippingMethodChanges(prices=[]), STAFF)
    await delete_shipping_method(database, method.id, STAFF)
    _, emptied, renamed, _ = await trail_of(database, f"shipping-method:{method.id}")
    assert told(renamed) == ("shipping-method.change", {"name": {"before": "Sledge", "after": "Dogs"}})
    assert [each["price_minor"] for each in emptied.details["prices"]["before"]] == [5]

    code = await create_discount_code(database, NewDiscountCode(code=region, ppm=1), STAFF)
    await change_discount_code(database, code.id, DiscountCodeChanges(max_uses=3, is_active=True), STAFF)
    await delete_discount_code(database, code.id, STAFF)
    deleted, changed, _ = await trail_of(database, f"discount:{code.id}")
    assert (deleted.action, told(changed)) == (
        "discount.delete", ("discount.change", {"max_uses": {"before": None, "after": 3}}),
    )  # fmt: skip


async def test_parcels_are_on_record_with_their_order(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    request = PlacementRequest((LineRequest(product.id, 1),), store_id=store.id)
    order = (await place_order(database, ShopSettings(), request)).order
    parcel = await add_parcel(database, order.id, NewParcel(carrier="Post"), STAFF)
    await delete_parcel(database, order.id, parcel.id, STAFF)
    deleted, added = await trail_of(database, f"order:{order.id}")
    assert told(deleted) == ("parcel.delete", {"parcel": parcel.id})
    assert (added.action, added.details["lines"]) == ("parcel.add", [{"line": 1, "quantity": 1}])


async def test_moves_of_staff_are_on_record_and_an_owners_are_not(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    request = PlacementRequest((LineRequest(product.id, 1),), store_id=store.id)
    order = (await place_order(database, ShopSettings(), request)).order
    staff = Mover(UserId(71), is_staff=True)
    await move_order(database, order.id, Move("CANCELLED", "asked by telephone"), staff, payment_required=False)
    [entry] = await trail_of(database, f"order:{order.id}")
    assert (entry.actor, entry.action, entry.reason) == ("user:71", "order.move", "asked by telephone")


async def test_a_deed_that_was_refused_is_not_on_record(database: Database) -> None:
    category = await a_category(database)
    await a_product(database, category=category.id)
    with pytest.raises(StillReferenced):
        await delete_category(database, category.id, STAFF)
    assert [each.action for each in await trail_of(database, f"category:{category.id}")] == ["category.create"]


async def test_what_is_on_record_cannot_be_changed_or_taken_away(database: Database) -> None:
    subject = unique("thing:")
    async with UnitOfWork(database) as unit:
        await record(unit.connection, STAFF, Deed(action="thing.do", subject=subject))
        await unit.commit()
    for statement in ("UPDATE audit_trail SET actor = 'nobody'", "DELETE FROM audit_trail"):
        with pytest.raises(exc.DBAPIError, match="append-only"):
            async with database.writes.begin() as connection:
                await connection.execute(text(f"{statement} WHERE subject = :s"), {"s": subject})
    assert len(await trail_of(database, subject)) == 1


async def test_deeds_are_found_by_who_what_and_when(database: Database) -> None:
    subject = unique("thing:")
    async with UnitOfWork(database) as unit:
        for action in ("thing.do", "thing.undo"):
            await record(unit.connection, STAFF, Deed(action=action, subject=subject))
        await unit.commit()
    [undone, done] = await trail_of(database, subject)

    async def count(**fields: Any) -> int:
        return (await read_trail(database, TrailFilter(subject=subject, **fields), page=1, page_size=1))[1]

    assert await count(action="thing.do") == 1
    assert await count(actor="user:71") == 2
    assert await count(actor="user:72") == 0
    assert await count(done_from=done.done_at) == 2
    assert await count(done_to=undone.done_at) == 0
