"""Store files on real Postgres."""

from typing import Any

import pytest

from order_service.catalog.import_stores import import_stores
from order_service.catalog.products import read_product
from order_service.catalog.stores import delete_store, read_store
from order_service.database.engine import Database
from schemas.ids import StoreId
from tests.factories.catalogue import STAFF, a_product, unique
from tests.factories.import_lines import Told, destination, json_lines
from tests.factories.ledger import rows

pytestmark = pytest.mark.servers


async def imported(database: Database, items: list[Any], **options: Any) -> Told:
    report = Told()
    await import_stores(destination(database, **options), json_lines(items), report)
    return report


async def id_of(database: Database, code: str) -> StoreId:
    return StoreId((await rows(database, "SELECT id FROM stores WHERE code = :code", code=code))[0][0])


async def test_stores_are_created_changed_and_left_alone(database: Database) -> None:
    items: list[dict[str, Any]] = [{"code": unique("c"), "name": f"Store {n}", "latitude": n + 0.5} for n in range(3)]
    assert (await imported(database, items)).counts == (3, 0, 0, 0)
    items[1]["city"] = "Oslo"
    assert (await imported(database, items)).counts == (0, 1, 2, 0)
    changed = await read_store(database, await id_of(database, items[1]["code"]))
    assert (changed.name, changed.city, changed.latitude, changed.longitude) == ("Store 1", "Oslo", 1.5, None)
    items[2]["city"] = "Bergen"
    assert (await imported(database, items, existing="keep")).counts == (0, 0, 3, 0)


async def test_bad_lines_are_told_and_the_rest_goes_in(database: Database) -> None:
    good = {"code": unique("c"), "name": "Good"}
    report = await imported(database, [b"[", good, {"code": "x"}, b"", good])
    assert report.counts == (1, 0, 0, 3)
    assert [number for number, _ in report.lines] == [1, 3, 5]


async def test_a_closed_store_opens_again_and_its_products_are_marked(database: Database) -> None:
    item = {"code": unique("c"), "name": "Store"}
    await imported(database, [item])
    store_id = await id_of(database, item["code"])
    product = await a_product(database, {store_id: 4})
    await delete_store(database, store_id, STAFF)
    closed = await read_product(database, product.id)
    assert (await imported(database, [item])).counts == (0, 1, 0, 0)
    opened = await read_product(database, product.id)
    assert (closed.quantity, opened.quantity, opened.version) == (0, 4, closed.version + 1)
