"""Feeds on real Postgres: what goes in, what is left alone, what is refused."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from order_service.catalog.import_products import BATCH_SIZE, import_products
from order_service.catalog.line_reader import Line, UnreadableFile
from order_service.catalog.products import Product, read_product
from order_service.catalog.write_product import ProductChanges, change_product, delete_product
from order_service.database.engine import Database
from tests.factories.catalogue import STAFF, unique
from tests.factories.import_lines import Told, destination, json_lines
from tests.factories.ledger import marks, rows

pytestmark = pytest.mark.servers


def feed(count: int, department: str, **fields: Any) -> list[dict[str, Any]]:
    stem = uuid.uuid4().hex[:12]
    return [
        {
            "id": f"{stem}-{n}",
            "title": f"Thing {n}",
            "price": "1.50 USD",
            "product_type": f"{department} > Part {n % 3}",
            "attributes": {"width": 1.5, "new": True},
            **fields,
        }
        for n in range(count)
    ]


async def imported(database: Database, items: list[Any], **options: Any) -> Told:
    report = Told()
    await import_products(destination(database, **options), json_lines(items), "USD", report)
    return report


async def by_sku(database: Database, sku: str) -> Product:
    found = await rows(database, "SELECT id FROM products WHERE sku = :sku", sku=sku)
    return await read_product(database, found[0][0])


async def test_a_feed_creates_products_and_their_categories(database: Database) -> None:
    department = unique("Department")
    items = feed(5, department, brand="B", gtin="123", mpn="m", item_group_id="g", description="d")
    assert (await imported(database, items)).counts == (5, 0, 0, 0)
    product = await by_sku(database, items[4]["id"])
    assert (product.title, product.price_minor, product.brand, product.gtin) == ("Thing 4", 150, "B", "123")
    assert (product.mpn, product.group_id, product.description) == ("m", "g", "d")
    assert product.category_path == [department, "Part 1"]
    assert product.attributes == {"width": 1.5, "new": True}
    assert (product.version, await marks(database, product.id)) == (1, 1)


async def test_a_repeated_feed_writes_nothing(database: Database) -> None:
    items = feed(7, unique("Department"))
    await imported(database, items)
    before = await by_sku(database, items[0]["id"])
    assert (await imported(database, items)).counts == (0, 0, 7, 0)
    assert await by_sku(database, items[0]["id"]) == before
    assert await marks(database, before.id) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "New"},
        {"description": "New"},
        {"price": "2 USD"},
        {"brand": "New"},
        {"item_group_id": "New"},
        {"gtin": "1"},
        {"mpn": "1"},
        {"image_link": "http://a.example/1"},
        {"attributes": {"width": 2}},
        {"product_type": "New"},
    ],
)
async def test_any_changed_field_raises_the_version_of_that_product_only(
    database: Database, change: dict[str, Any]
) -> None:
    items = feed(3, unique("Department"))
    await imported(database, items)
    items[1] |= change
    assert (await imported(database, items)).counts == (0, 1, 2, 0)
    product = await by_sku(database, items[1]["id"])
    assert (product.version, await marks(database, product.id)) == (2, 2)
    assert (await by_sku(database, items[0]["id"])).version == 1


async def test_a_deleted_product_comes_back_with_its_sku(database: Database) -> None:
    items = feed(1, unique("Department"))
    await imported(database, items)
    product = await by_sku(database, items[0]["id"])
    version = await delete_product(database, product.id, STAFF)
    assert (await imported(database, items)).counts == (0, 1, 0, 0)
    assert (await read_product(database, product.id)).version == version + 1


async def test_keeping_what_is_there_only_adds(database: Database) -> None:
    items = feed(3, unique("Department"))
    await imported(database, items[:2])
    edited, deleted = await by_sku(database, items[0]["id"]), await by_sku(database, items[1]["id"])
    await change_product(database, edited.id, ProductChanges(price_minor=999), STAFF)
    await delete_product(database, deleted.id, STAFF)
    assert (await imported(database, items, existing="keep")).counts == (1, 0, 2, 0)
    assert (await read_product(database, edited.id)).price_minor == 999


async def test_bad_lines_are_told_with_number_and_reason_and_the_rest_goes_in(database: Database) -> None:
    first, second = feed(2, unique("Department"))
    items = [first, b"{", {**first, "title": "Again"}, b"  ", {**second, "price": "-1 USD"}, second]
    report = await imported(database, items)
    assert report.counts == (2, 0, 0, 3)
    assert [number for number, _ in report.lines] == [2, 3, 5]
    assert [reason.split(":")[0] for _, reason in report.lines] == ["not JSON", "id", "price"]
    assert (await by_sku(database, first["id"])).title == "Thing 0"


async def test_a_line_over_the_bound_is_bad(database: Database) -> None:
    report = Told()
    await import_products(destination(database), [Line(1, None)], "USD", report)
    assert report.lines == [(1, "longer than 1048576 bytes")]


async def test_what_came_before_a_file_broke_off_is_kept(database: Database) -> None:
    items = feed(BATCH_SIZE + 10, unique("Department"))
    report = Told()

    def broken() -> Iterator[Line]:
        yield from json_lines(items)
        raise UnreadableFile("breaks off")

    with pytest.raises(UnreadableFile):
        await import_products(destination(database), broken(), "USD", report)
    assert report.counts == (BATCH_SIZE + 10, 0, 0, 0)
    assert (await imported(database, items)).counts == (0, 0, BATCH_SIZE + 10, 0)


async def test_two_imports_of_one_feed_at_once_create_each_product_once(database: Database) -> None:
    items = feed(300, unique("Department"))
    reports = await asyncio.gather(*(imported(database, items) for _ in range(3)))
    assert sorted(report.counts for report in reports) == [(0, 0, 300, 0)] * 2 + [(300, 0, 0, 0)]


async def test_staff_may_change_products_while_a_feed_changes_them(database: Database) -> None:
    items = feed(200, unique("Department"))
    await imported(database, items)
    ids = [(await by_sku(database, item["id"])).id for item in items[:10]]
    again = [{**item, "price": "9.99 USD"} for item in items]
    await asyncio.gather(
        imported(database, again),
        *(change_product(database, each, ProductChanges(brand="Staff"), STAFF) for each in reversed(ids)),
    )
    for each in ids:
        product = await read_product(database, each)
        assert product.price_minor == 999
        assert product.version == await marks(database, each)
