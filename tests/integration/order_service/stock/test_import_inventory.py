"""Inventory files on real Postgres: levels, ledger, marks, refusals."""

import asyncio

import pytest

from order_service.catalog.line_reader import Line, UnreadableFile
from order_service.catalog.products import Product, read_product
from order_service.catalog.stores import Store
from order_service.database.engine import Database
from order_service.stock.import_inventory import import_inventory
from order_service.stock.levels import LevelChange, read_quantities, set_level
from tests.factories.catalogue import STAFF, a_category, a_product, a_store
from tests.factories.import_lines import Told, csv_lines, destination
from tests.factories.ledger import ledger, marks, reserve

pytestmark = pytest.mark.servers


async def imported(database: Database, *rows: object, keep: bool = False) -> Told:
    report = Told()
    await import_inventory(destination(database, "keep" if keep else "update"), csv_lines(*rows), report)
    return report


def row(store: Store, product: Product, quantity: int) -> str:
    return f"{store.code},{product.sku},{quantity}"


async def test_new_levels_are_received_and_the_product_is_marked_once(database: Database) -> None:
    first, second, product = await a_store(database), await a_store(database), await a_product(database)
    report = await imported(database, row(first, product, 5), row(second, product, 0))
    assert report.counts == (2, 0, 0, 0)
    assert await ledger(database, first.id, product.id) == [("received", 5)]
    assert await ledger(database, second.id, product.id) == []
    assert ((await read_product(database, product.id)).version, await marks(database, product.id)) == (2, 2)


async def test_a_repeated_file_writes_nothing(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    await imported(database, row(store, product, 5))
    assert (await imported(database, row(store, product, 5))).counts == (0, 0, 1, 0)
    assert await ledger(database, store.id, product.id) == [("received", 5)]
    assert await marks(database, product.id) == 2


async def test_differences_are_adjusted_and_only_flips_mark(database: Database) -> None:
    store, product = await a_store(database), await a_product(database)
    versions = []
    for quantity in (0, 5, 3, 0, 2):
        await imported(database, row(store, product, quantity))
        versions.append((await read_product(database, product.id)).version)
    assert versions == [1, 2, 2, 3, 4]
    assert await ledger(database, store.id, product.id) == [
        ("received", 5),
        ("adjusted", -2),
        ("adjusted", -3),
        ("adjusted", 2),
    ]


async def test_bad_lines_are_told_and_the_rest_goes_in(database: Database) -> None:
    store, product, held = await a_store(database), await a_product(database), await a_product(database)
    await imported(database, row(store, held, 5))
    await reserve(database, store.id, held.id, 3)
    report = await imported(
        database,
        f"no such store,{product.sku},1",
        f"{store.code},no such sku,1",
        f"{store.code},{product.sku},-1",
        row(store, held, 2),
        b"",
        row(store, product, 4),
        row(store, product, 5),
        b"\xff",
    )
    assert report.counts == (1, 0, 0, 6)
    assert sorted(report.lines) == [
        (2, "store_code: there is no store 'no such store'"),
        (3, "id: there is no product 'no such sku'"),
        (4, "quantity: '-1' is below zero"),
        (5, "quantity: below what is reserved in carts"),
        (8, f"store {store.code!r} and id {product.sku!r} stand on an earlier line too"),
        (9, "not UTF-8 at byte 1"),
    ]
    assert await read_quantities(database, [product.id, held.id], store.id) == {product.id: 4, held.id: 2}


async def test_keeping_what_is_there_only_adds(database: Database) -> None:
    store, there, missing = await a_store(database), await a_product(database), await a_product(database)
    await imported(database, row(store, there, 5))
    report = await imported(database, row(store, there, 1), row(store, missing, 2), keep=True)
    assert report.counts == (1, 0, 1, 0)
    assert await read_quantities(database, [there.id, missing.id]) == {there.id: 5, missing.id: 2}


@pytest.mark.parametrize("first", [[], [Line(1, b"212,1399,120")], [Line(1, None)]])
async def test_a_file_without_the_columns_is_unreadable(database: Database, first: list[Line]) -> None:
    with pytest.raises(UnreadableFile, match="the first line must name the columns"):
        await import_inventory(destination(database), first, Told())


async def test_files_and_staff_at_once_leave_levels_that_agree_with_the_ledger(database: Database) -> None:
    stores, category = [await a_store(database) for _ in range(2)], (await a_category(database)).id
    products = [await a_product(database, category=category) for _ in range(20)]
    rows = [row(store, product, 50) for product in products for store in stores]
    one = LevelChange(adjust_by=1)
    await asyncio.gather(
        imported(database, *rows),
        imported(database, *reversed(rows)),
        *(set_level(database, store.id, product.id, one, STAFF) for product in products for store in stores),
    )
    for store in stores:
        quantities = await read_quantities(database, [product.id for product in products], store.id)
        for product in products:
            movements = await ledger(database, store.id, product.id)
            assert quantities[product.id] == sum(quantity for _, quantity in movements)
            assert quantities[product.id] in {50, 51}
