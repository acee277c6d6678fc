"""Snapshots carry the whole state of a product, read on real Postgres."""

import pytest

from order_service.catalog.categories import read_category
from order_service.catalog.stores import delete_store
from order_service.catalog.write_product import delete_product
from order_service.database.engine import Database
from order_service.product_snapshots import snapshots_of, stream_snapshots
from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.ids import ProductId
from tests.factories.catalogue import STAFF, a_category, a_product, a_store
from tests.factories.ledger import reserve

pytestmark = pytest.mark.servers


async def snapshots(database: Database, *ids: ProductId) -> list[ProductSnapshot]:
    async with database.reads.connect() as connection:
        return await snapshots_of(connection, ids, "USD")


async def test_a_snapshot_holds_every_field(database: Database) -> None:
    parent = await a_category(database)
    category = await read_category(database, (await a_category(database, parent_id=parent.id)).id)
    product = await a_product(
        database,
        category=category.id,
        brand="B",
        group_id="g",
        gtin="1",
        mpn="m",
        description="d",
        attributes={"a": 1.5},
    )
    assert await snapshots(database, product.id) == [
        ProductSnapshot(
            id=product.id,
            sku=product.sku,
            version=product.version,
            title=product.title,
            description="d",
            category=CategoryPath([parent.id, category.id], category.path_names, category.path_slugs),
            price_minor=2500,
            currency="USD",
            created_at=product.created_at,
            updated_at=product.updated_at,
            brand="B",
            group_id="g",
            gtin="1",
            mpn="m",
            attributes={"a": 1.5},
        )
    ]


async def test_the_stores_that_have_it_free_are_named_in_order(database: Database) -> None:
    stores = [await a_store(database) for _ in range(4)]
    product = await a_product(database, {store.id: 2 for store in reversed(stores)})
    await reserve(database, stores[1].id, product.id, 2)
    await delete_store(database, stores[2].id, STAFF)
    found = await snapshots(database, product.id)
    assert found[0].in_stock_store_ids == [stores[0].id, stores[3].id]


async def test_deleted_products_are_told_as_deleted_and_unknown_ones_left_out(database: Database) -> None:
    product = await a_product(database)
    version = await delete_product(database, product.id, STAFF)
    found = await snapshots(database, ProductId(2**60), product.id)
    assert [(each.id, each.version, each.deleted, each.title) for each in found] == [
        (product.id, version, True, product.title)
    ]


async def test_a_stream_gives_every_product_once_by_id_in_bounded_batches(database: Database) -> None:
    category = (await a_category(database)).id
    made = [(await a_product(database, category=category)).id for _ in range(101)]
    batches = [batch async for batch in stream_snapshots(database, "USD", batch_size=100)]
    ids = [each.id for batch in batches for each in batch]
    assert all(len(batch) == 100 for batch in batches[:-1])
    assert ids == sorted(set(ids))
    assert set(made) <= set(ids)


async def test_a_stream_of_chosen_ids_gives_those(database: Database) -> None:
    category = (await a_category(database)).id
    made = [(await a_product(database, category=category)).id for _ in range(5)]
    chosen = [made[4], made[0], made[2], made[0], ProductId(2**60)]
    batches = [batch async for batch in stream_snapshots(database, "USD", batch_size=2, ids=chosen)]
    assert [[each.id for each in batch] for batch in batches] == [[made[0], made[2]], [made[4]]]
    assert [batch async for batch in stream_snapshots(database, "USD", ids=[])] == []
