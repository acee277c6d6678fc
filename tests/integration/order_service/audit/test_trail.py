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
from order_service.orders.placement import LineRequest, PlacementRequest
from order_service.stock.levels import LevelChange, set_level
from order_service.unit_of_work import UnitOfWork
from schemas.ids import UserId
from schemas.settings import ShopSettings
from tests.factories.catalogue import a_category, a_product, a_store, unique
from tests.factories.placements import place_order

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
