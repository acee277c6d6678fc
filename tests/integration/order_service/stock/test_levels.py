"""Stock levels on real Postgres: set, adjusted, raced for, listed."""

import asyncio

import pytest

from order_service.catalog.products import read_product
from order_service.catalog.stores import delete_store
from order_service.catalog.write_product import delete_product
from order_service.database.engine import Database
from order_service.errors import InvalidInput, NotFound, StockBelowReserved
from order_service.stock.levels import (
    InventoryFilter,
    LevelChange,
    read_quantities,
    set_level,
    store_inventory,
    stream_store_inventory,
)
from schemas.ids import ProductId, StoreId
from tests.factories.catalogue import STAFF, a_category, a_product, a_store, stocked, unique
from tests.factories.ledger import ledger, marks, reserve, rows

pytestmark = pytest.mark.servers

COUNTERS = """
SELECT on_hand, received, adjusted FROM stock_levels WHERE store_id = :s AND product_id = :p
"""


async def test_first_stock_is_received_and_later_changes_adjust(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    level = await stocked(database, store.id, product.id, 10)
    assert (level.on_hand, level.reserved, level.available) == (10, 0, 10)
    await stocked(database, store.id, product.id, 4)
    await set_level(database, store.id, product.id, LevelChange(adjust_by=-1, reason="broken"), STAFF)
    await stocked(database, store.id, product.id, 3)
    assert await ledger(database, store.id, product.id) == [("received", 10), ("adjusted", -6), ("adjusted", -1)]
    assert await rows(database, COUNTERS, s=store.id, p=product.id) == [(3, 10, -7)]


async def test_a_level_of_zero_is_a_level_without_a_movement(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    await stocked(database, store.id, product.id, 0)
    assert await rows(database, COUNTERS, s=store.id, p=product.id) == [(0, 0, 0)]
    await stocked(database, store.id, product.id, 5)
    assert await ledger(database, store.id, product.id) == [("received", 5)]


async def test_only_coming_into_stock_and_going_out_mark_the_product(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    versions = [(await stocked(database, store.id, product.id, n)).product_version for n in (0, 3, 5, 5, 0, 0, 1)]
    assert versions == [1, 2, 2, 2, 3, 3, 4]
    assert await marks(database, product.id) == 4
    await reserve(database, store.id, product.id, 1)
    assert (await stocked(database, store.id, product.id, 2)).product_version == 5


async def test_nothing_falls_below_what_is_reserved(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    await stocked(database, store.id, product.id, 5)
    await reserve(database, store.id, product.id, 3)
    for change in (LevelChange(on_hand=2), LevelChange(adjust_by=-3)):
        with pytest.raises(StockBelowReserved) as refused:
            await set_level(database, store.id, product.id, change, STAFF)
        assert refused.value.reserved == 3
    level = await set_level(database, store.id, product.id, LevelChange(on_hand=3), STAFF)
    assert (level.on_hand, level.available) == (3, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (LevelChange(), "on_hand"),
        (LevelChange(on_hand=1, adjust_by=1), "on_hand"),
        (LevelChange(on_hand=-1), "on_hand"),
        (LevelChange(on_hand=10**30), "on_hand"),
        (LevelChange(adjust_by=10**30), "adjust_by"),
        (LevelChange(adjust_by=-1), "adjust_by"),
        (LevelChange(on_hand=1, reason="x" * 501), "reason"),
        (LevelChange(on_hand=1, reason="\x00"), "reason"),
    ],
)
async def test_a_change_out_of_bounds_is_refused_by_field(database: Database, change: LevelChange, field: str) -> None:
    store, product = await a_store(database), await a_product(database)
    with pytest.raises(InvalidInput) as refused:
        await set_level(database, store.id, product.id, change, STAFF)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert await rows(database, COUNTERS, s=store.id, p=product.id) == []


async def test_unknown_and_deleted_things_have_no_level(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    closed, gone = await a_store(database), await a_product(database)
    await delete_store(database, closed.id, STAFF)
    await delete_product(database, gone.id, STAFF)
    for store_id, product_id in (
        (StoreId(10**30), product.id),
        (closed.id, product.id),
        (store.id, ProductId(10**30)),
        (store.id, gone.id),
    ):
        with pytest.raises(NotFound):
            await stocked(database, store_id, product_id, 1)


async def test_twenty_parallel_adjustments_add_up(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    one = LevelChange(adjust_by=1)
    await asyncio.gather(*(set_level(database, store.id, product.id, one, STAFF) for _ in range(20)))
    assert await read_quantities(database, [product.id], store.id) == {product.id: 20}
    movements = await ledger(database, store.id, product.id)
    assert sum(quantity for _, quantity in movements) == 20
    assert [kind for kind, _ in movements] == ["received"] + ["adjusted"] * 19
    assert (await read_product(database, product.id)).version == 2


async def test_parallel_adjustments_up_and_down_over_two_products_agree_with_the_ledger(database: Database) -> None:
    store, products = await a_store(database), [await a_product(database) for _ in range(2)]
    changes = [(product, by) for by in (1, -1, 2, -1, 1, -2, 3, 1) for product in products]
    outcomes = await asyncio.gather(
        *(set_level(database, store.id, product.id, LevelChange(adjust_by=by), STAFF) for product, by in changes),
        return_exceptions=True,
    )
    for product in products:
        applied = sum(
            by
            for (changed, by), outcome in zip(changes, outcomes, strict=True)
            if changed is product and not isinstance(outcome, BaseException)
        )
        assert await read_quantities(database, [product.id]) == {product.id: applied}
        assert sum(quantity for _, quantity in await ledger(database, store.id, product.id)) == applied
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} <= {InvalidInput}


async def test_quantities_are_what_is_free_of_live_stores(database: Database) -> None:
    first, second, closed = [await a_store(database) for _ in range(3)]
    product = await a_product(database, {first.id: 5, second.id: 3, closed.id: 100})
    await reserve(database, first.id, product.id, 4)
    await delete_store(database, closed.id, STAFF)
    nowhere = ProductId(2**60)
    assert await read_quantities(database, [product.id, nowhere]) == {product.id: 4, nowhere: 0}
    assert await read_quantities(database, [product.id], first.id) == {product.id: 1}
    assert await read_quantities(database, []) == {}


async def test_a_stores_inventory_is_paged_filtered_and_streamed(database: Database) -> None:
    store, category = await a_store(database), await a_category(database)
    word = unique("lamp")
    made = [
        await a_product(database, {store.id: n}, category=category.id, title=f"{word} {n}", price_minor=n + 1)
        for n in range(5)
    ]
    gone = await a_product(database, {store.id: 1}, category=category.id)
    await delete_product(database, gone.id, STAFF)
    everything = InventoryFilter()
    found, count = await store_inventory(database, store.id, everything, 2, 2)
    assert ([row.quantity for row in found], count) == ([2, 3], 5)
    assert (found[0].id, found[0].product_title, found[0].price_minor) == (made[2].id, f"{word} 2", 3)
    assert found[0].category_name == category.name
    for wanted, quantities in (
        (InventoryFilter(in_stock=True), [1, 2, 3, 4]),
        (InventoryFilter(in_stock=False), [0]),
        (InventoryFilter(q=f"{word} 3".upper()), [3]),
        (InventoryFilter(q=made[4].sku), [4]),
        (InventoryFilter(q="_"), []),
    ):
        assert [row.quantity for row in (await store_inventory(database, store.id, wanted, 1, 20))[0]] == quantities
    batches = [batch async for batch in stream_store_inventory(database, store.id, everything, batch_size=2)]
    assert [[row.quantity for row in batch] for batch in batches] == [[0, 1], [2, 3], [4]]


async def test_an_unknown_store_has_no_inventory(database: Database) -> None:
    with pytest.raises(NotFound):
        await store_inventory(database, StoreId(10**30), InventoryFilter(), 1, 20)
    with pytest.raises(NotFound):
        await anext(stream_store_inventory(database, StoreId(0), InventoryFilter()))
