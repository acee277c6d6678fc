"""Stores on real Postgres: opened, changed, closed."""

import pytest

from order_service.catalog.products import read_product
from order_service.catalog.stores import (
    NewStore,
    StoreChanges,
    change_store,
    create_store,
    delete_store,
    list_stores,
    read_store,
)
from order_service.database.engine import Database
from order_service.errors import InvalidInput, NotFound
from tests.factories.catalogue import STAFF, a_product, a_store, unique

pytestmark = pytest.mark.servers


async def test_a_store_reads_back_with_everything_it_was_given(database: Database) -> None:
    code = unique("c")
    new = NewStore(name=" North ", code=code, city="Oslo", country="NO", latitude=59.9, longitude=10.7)
    made = await create_store(database, new, STAFF)
    assert made == await read_store(database, made.id)
    assert (made.name, made.code, made.city, made.latitude, made.longitude) == ("North", code, "Oslo", 59.9, 10.7)
    found, count = await list_stores(database, 1, 1000)
    assert made in found
    assert count == len(found)


async def test_without_a_code_it_is_named_after_its_id(database: Database) -> None:
    made = await a_store(database)
    assert made.code == f"S-{made.id}"


async def test_faulty_fields_are_all_named(database: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_store(database, NewStore(name="", code="", latitude=91, longitude=float("nan")), STAFF)
    assert [fault.field for fault in refused.value.faults] == ["code", "name", "latitude", "longitude"]


async def test_a_code_is_used_once(database: Database) -> None:
    first, second = await a_store(database), await a_store(database)
    with pytest.raises(InvalidInput, match="code: another store has it"):
        await a_store(database, code=first.code)
    with pytest.raises(InvalidInput, match="code: another store has it"):
        await change_store(database, second.id, StoreChanges(code=first.code), STAFF)


async def test_a_change_changes_what_is_given(database: Database) -> None:
    before = await a_store(database, city="Oslo", latitude=1.5)
    after = await change_store(database, before.id, StoreChanges(name="New", latitude=None), STAFF)
    assert (after.name, after.latitude, after.city, after.code) == ("New", None, "Oslo", before.code)


async def test_closing_a_store_marks_what_it_had_in_stock(database: Database) -> None:
    store = await a_store(database)
    had, had_not = await a_product(database, {store.id: 1}), await a_product(database, {store.id: 0})
    versions = [(await read_product(database, each.id)).version for each in (had, had_not)]
    await delete_store(database, store.id, STAFF)
    assert [(await read_product(database, each.id)).version for each in (had, had_not)] == [
        versions[0] + 1,
        versions[1],
    ]
    for attempt in (
        read_store(database, store.id),
        change_store(database, store.id, StoreChanges(name="x"), STAFF),
        delete_store(database, store.id, STAFF),
    ):
        with pytest.raises(NotFound):
            await attempt
