"""Reading products one by one and in filtered pages on real Postgres."""

from dataclasses import dataclass

import pytest

from order_service.catalog.categories import Category
from order_service.catalog.products import Ordering, Product, ProductFilter, list_products, read_product
from order_service.catalog.stores import Store, delete_store
from order_service.catalog.write_product import delete_product
from order_service.database.engine import Database
from tests.factories.catalogue import STAFF, a_category, a_product, a_store, unique
from tests.factories.ledger import reserve

pytestmark = pytest.mark.servers


@dataclass
class Shelf:
    """Four products below one category: cheap and dear lamps, a chair, and one that was deleted."""

    category: Category
    below: Category
    store: Store
    other_store: Store
    cheap: Product
    dear: Product
    chair: Product


@pytest.fixture(scope="module")
async def shelf(database: Database) -> Shelf:
    category = await a_category(database)
    below = await a_category(database, parent_id=category.id)
    store, other = await a_store(database), await a_store(database)
    cheap = await a_product(
        database, {store.id: 5, other.id: 2}, category=below.id, title="a lamp 100%", price_minor=100, brand="Lumen"
    )
    dear = await a_product(database, {other.id: 1}, category=below.id, title="b lamp", price_minor=900, brand="Glowe")
    chair = await a_product(database, {store.id: 0}, category=category.id, title="c chair", price_minor=500)
    gone = await a_product(database, {store.id: 9}, category=below.id)
    await delete_product(database, gone.id, STAFF)
    await reserve(database, store.id, cheap.id, 4)
    return Shelf(category, below, store, other, cheap, dear, chair)


async def titles(database: Database, shelf: Shelf, wanted: ProductFilter) -> list[str]:
    narrowed = {name: getattr(wanted, name) for name in ProductFilter.__struct_fields__}
    narrowed["category"] = narrowed["category"] or (shelf.category.slug,)
    found, count = await list_products(database, ProductFilter(**narrowed), 1, 100)
    assert count == len(found)
    return [product.title[0] for product in found]


async def test_each_filter_narrows(database: Database, shelf: Shelf) -> None:
    store, other = shelf.store.id, shelf.other_store.id
    for wanted, expected in (
        (ProductFilter(), "abc"),
        (ProductFilter(q="LAMP"), "ab"),
        (ProductFilter(q="0%"), "a"),
        (ProductFilter(q="%"), "a"),
        (ProductFilter(q=shelf.chair.sku), "c"),
        (ProductFilter(category=(str(shelf.below.id),)), "ab"),
        (ProductFilter(category=(shelf.below.slug, "no-such")), "ab"),
        (ProductFilter(category=("no-such",)), ""),
        (ProductFilter(brand=("Lumen", "Glowe")), "ab"),
        (ProductFilter(brand=("Glowe",)), "b"),
        (ProductFilter(price_min_minor=500), "bc"),
        (ProductFilter(price_min_minor=101, price_max_minor=899), "c"),
        (ProductFilter(price_max_minor=0), ""),
        (ProductFilter(in_stock=True), "ab"),
        (ProductFilter(in_stock=False), "c"),
        (ProductFilter(in_stock=True, store_id=store), "a"),
        (ProductFilter(in_stock=True, store_id=other), "ab"),
        (ProductFilter(in_stock=False, store_id=store), "bc"),
        (ProductFilter(store_id=store), "abc"),
    ):
        assert "".join(await titles(database, shelf, wanted)) == expected, wanted


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("id", "abc"),
        ("price", "acb"),
        ("-price", "bca"),
        ("name", "abc"),
        ("-name", "cba"),
        ("created_at", "abc"),
        ("-created_at", "cba"),
    ],
)
async def test_each_ordering_orders(database: Database, shelf: Shelf, ordering: Ordering, expected: str) -> None:
    assert "".join(await titles(database, shelf, ProductFilter(ordering=ordering))) == expected


async def test_pages_cut_the_list_and_count_all_of_it(database: Database, shelf: Shelf) -> None:
    wanted = ProductFilter(category=(shelf.category.slug,), ordering="-price")
    pages = [await list_products(database, wanted, page, 2) for page in (1, 2, 3)]
    assert [[product.title[0] for product in found] for found, _ in pages] == [["b", "c"], ["a"], []]
    assert [count for _, count in pages] == [3, 3, 3]


async def test_quantity_is_what_is_free_of_the_store_or_of_all(database: Database, shelf: Shelf) -> None:
    assert (await read_product(database, shelf.cheap.id)).quantity == 3
    for store_id, quantity in ((None, 3), (shelf.store.id, 1), (shelf.other_store.id, 2)):
        found, _ = await list_products(
            database, ProductFilter(q=shelf.cheap.sku, category=(shelf.category.slug,), store_id=store_id), 1, 5
        )
        assert [product.quantity for product in found] == [quantity]


async def test_a_closed_stores_stock_does_not_count(database: Database) -> None:
    open_store, closed = await a_store(database), await a_store(database)
    product = await a_product(database, {open_store.id: 1, closed.id: 10}, title=unique("Lamp"))
    await delete_store(database, closed.id, STAFF)
    assert (await read_product(database, product.id)).quantity == 1
