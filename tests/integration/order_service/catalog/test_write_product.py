"""Creating, changing and deleting single products on real Postgres."""

import asyncio

import pytest

from order_service.catalog.products import read_product
from order_service.catalog.write_product import (
    NewProduct,
    ProductChanges,
    change_product,
    create_product,
    delete_product,
)
from order_service.database.engine import Database
from order_service.errors import InvalidInput, NotFound
from schemas.ids import ProductId
from tests.factories.catalogue import STAFF, a_category, a_product, a_store, stocked, unique
from tests.factories.ledger import marks, rows

pytestmark = pytest.mark.servers


async def test_a_new_product_reads_back_with_everything_it_was_given(database: Database) -> None:
    parent = await a_category(database)
    category = await a_category(database, parent_id=parent.id)
    new = NewProduct(
        title=f"  {unique('Lamp')} ",
        price_minor=1250,
        category=category.slug,
        sku=unique("sku"),
        description="Bright.",
        brand="Lumen",
        group_id="G1",
        gtin="0882780756328",
        mpn=" ",
        image_link="https://images.example.com/1.jpg",
        attributes={"watts": 5.5, "dimmable": True, "socket": "E27"},
    )
    made = await create_product(database, new, STAFF)
    assert made == await read_product(database, made.id)
    assert (made.title, made.sku, made.price_minor) == (new.title.strip(), new.sku, 1250)
    assert (made.brand, made.group_id, made.gtin, made.mpn) == ("Lumen", "G1", "0882780756328", None)
    assert made.attributes == new.attributes
    assert (made.category_name, made.category_slug) == (category.name, category.slug)
    assert made.category_path == [parent.name, category.name]
    assert (made.version, made.quantity) == (1, 0)
    assert await marks(database, made.id) == 1
    request = await rows(database, "SELECT request_id FROM product_changes WHERE product_id = :p", p=made.id)
    assert request == [(STAFF.request_id,)]


async def test_without_a_sku_it_is_named_after_its_id(database: Database) -> None:
    made = await a_product(database)
    assert made.sku == f"P-{made.id}"


async def test_a_generated_sku_that_is_taken_is_passed_over(database: Database) -> None:
    first = await a_product(database)
    await a_product(database, sku=f"P-{first.id + 2}")  # itself has the id in between
    assert (await a_product(database)).sku != f"P-{first.id + 2}"


async def test_opening_stock_goes_into_the_first_store_with_its_ledger_row(database: Database) -> None:
    await a_store(database)
    made = await a_product(database)
    assert made.quantity == 0
    new = NewProduct(title="Lamp", price_minor=1, category=made.category_id, stock=7)
    stocked_product = await create_product(database, new, STAFF)
    assert stocked_product.quantity == 7
    lowest = await rows(database, "SELECT min(id) FROM stores WHERE deleted_at IS NULL")
    ledger = "SELECT store_id, kind, quantity, actor FROM stock_movements WHERE product_id = :p"
    assert await rows(database, ledger, p=stocked_product.id) == [(lowest[0][0], "received", 7, STAFF.name)]


async def test_every_faulty_field_is_named_at_once(database: Database) -> None:
    taken = (await a_product(database)).sku
    new = NewProduct(
        title=" ",
        price_minor=0,
        category="no such category",
        sku=taken,
        stock=-1,
        image_link="ftp://x",
        attributes={"a": [1]},
    )
    with pytest.raises(InvalidInput) as refused:
        await create_product(database, new, STAFF)
    fields = {fault.field for fault in refused.value.faults}
    assert fields == {"title", "price", "category", "sku", "stock", "image_link", "attributes.a"}


@pytest.mark.parametrize("category", [10**30, -1, "", "no such", "\x00"])
async def test_an_unknown_category_is_a_fault_of_that_field(database: Database, category: int | str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_product(database, NewProduct(title="x", price_minor=1, category=category), STAFF)
    assert [fault.field for fault in refused.value.faults] == ["category"]


async def test_a_category_may_be_named_unless_several_have_the_name(database: Database) -> None:
    category = await a_category(database)
    assert (await a_product(database, category=category.name.upper())).category_id == category.id
    await a_category(database, name=category.name, parent_id=category.id)
    with pytest.raises(InvalidInput, match="several categories"):
        await a_product(database, category=category.name)


async def test_a_change_raises_the_version_by_one_and_leaves_a_mark(database: Database) -> None:
    before = await a_product(database, brand="Old")
    after = await change_product(database, before.id, ProductChanges(price_minor=999, brand=None), STAFF)
    assert (after.price_minor, after.brand, after.version) == (999, None, 2)
    assert after.title == before.title
    assert after.updated_at > before.updated_at
    assert await marks(database, before.id) == 2


async def test_a_change_that_changes_nothing_keeps_the_version(database: Database) -> None:
    before = await a_product(database, attributes={"a": 1})
    same = ProductChanges(title=f" {before.title} ", attributes={"a": 1}, category=before.category_slug)
    assert await change_product(database, before.id, same, STAFF) == before
    assert await marks(database, before.id) == 1
    typed = await change_product(database, before.id, ProductChanges(attributes={"a": True}), STAFF)
    assert typed.version == 2


async def test_a_change_names_every_faulty_field(database: Database) -> None:
    product, other = await a_product(database), await a_product(database)
    changes = ProductChanges(title="", price_minor=-1, category=0, sku=other.sku)
    with pytest.raises(InvalidInput) as refused:
        await change_product(database, product.id, changes, STAFF)
    assert {fault.field for fault in refused.value.faults} == {"title", "price", "category", "sku"}
    assert (await read_product(database, product.id)).version == 1


async def test_parallel_changes_lose_nothing(database: Database) -> None:
    product = await a_product(database)
    changes = [ProductChanges(title=unique("x")) if n % 2 else ProductChanges(price_minor=n + 1) for n in range(16)]
    await asyncio.gather(*(change_product(database, product.id, each, STAFF) for each in changes))
    assert (await read_product(database, product.id)).version == 17
    assert await marks(database, product.id) == 17


async def test_a_sku_given_to_two_products_at_once_goes_to_one(database: Database) -> None:
    first, second = await a_product(database), await a_product(database)
    changes = ProductChanges(sku=unique("sku"))
    outcomes = await asyncio.gather(
        *(change_product(database, each.id, changes, STAFF) for each in (first, second)), return_exceptions=True
    )
    assert sorted(isinstance(outcome, InvalidInput) for outcome in outcomes) == [False, True]


async def test_a_deleted_product_is_gone_and_marked(database: Database) -> None:
    product = await a_product(database)
    assert await delete_product(database, product.id, STAFF) == 2
    assert await marks(database, product.id) == 2
    for attempt in (
        read_product(database, product.id),
        change_product(database, product.id, ProductChanges(title="x"), STAFF),
        delete_product(database, product.id, STAFF),
        read_product(database, ProductId(10**30)),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_deleted_products_sku_brings_that_product_back(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database)
    await stocked(database, store.id, product.id, 2)
    other = await a_product(database)
    await delete_product(database, product.id, STAFF)
    with pytest.raises(InvalidInput):
        await change_product(database, other.id, ProductChanges(sku=product.sku), STAFF)
    back = await a_product(database, sku=product.sku, title="Back again")
    assert (back.id, back.title, back.quantity) == (product.id, "Back again", 2)
    assert back.version > product.version
