"""A shop in Postgres whose products differ in everything that facets count, indexed once a session."""

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from order_service.catalog.import_products import import_products
from order_service.catalog.import_stores import import_stores
from order_service.database.engine import Database, open_database
from order_service.product_snapshots import stream_snapshots
from order_service.stock.import_inventory import import_inventory
from schemas.events.product_snapshot import ProductSnapshot
from schemas.settings import DatabaseSettings
from tests.factories.fresh_database import fresh_database
from tests.factories.import_lines import Told, csv_lines, destination, json_lines
from tests.integration.search_indexer.conftest import Install, Installation

PRODUCTS = 400
WORDS = ("cable", "hdmi", "usb", "printer", "ink", "black", "compact", "wireless", "mouse", "adapter")
BRANDS = ("HP", "Dell", "C2G", "Tripp Lite", "Belkin", "Żubr & Søn", None)
TREE = ("Cables", "Cables > HDMI", "Cables > HDMI > Long HDMI", "Printing > Ink", "Printing > Printers")
COLOURS = ("Black", "Red", "Blue")
STORES = range(1, 6)

ALTERED = (
    # One product in twenty is deleted, the fifth store is closed, and what the fourth has is promised to somebody.
    "UPDATE products SET deleted_at = now() WHERE id % 20 = 7",
    "UPDATE stores SET deleted_at = now() WHERE code = 'S5'",
    "UPDATE stock_levels SET reserved = on_hand WHERE store_id = (SELECT id FROM stores WHERE code = 'S4')",
    # A feed has no lists; the API does.
    """UPDATE products SET attributes = attributes || jsonb_build_object('ports', CASE id % 4 WHEN 0 THEN '["HDMI"]'
    WHEN 1 THEN '["USB", "HDMI"]' WHEN 2 THEN '["VGA", "USB"]' ELSE '[]' END::jsonb) WHERE id % 5 > 0""",
)


class Shelf(list[ProductSnapshot]):
    """The products, shown in few words when a test fails."""

    def __repr__(self) -> str:
        """Give the number."""
        return f"<{len(self)} products>"


@dataclass(frozen=True)
class StockedShop:
    """The shop's database and its index, made from these products, whose ids count from 1."""

    database: Database
    installation: Installation
    products: list[ProductSnapshot]


def feed_line(number: int, chance: random.Random) -> dict[str, Any]:
    attributes = {
        "colour": chance.choice(COLOURS),
        "length [m]": float(chance.randint(1, 3)),
        "wireless": chance.random() < 0.5,
        "serial": f"{number:05}",
    }
    group = chance.randint(1, PRODUCTS // 4)
    return {
        "id": f"sku-{number}",
        "title": " ".join(chance.sample(WORDS, 3)),
        "description": " ".join(chance.sample(WORDS, 2)),
        "brand": chance.choice(BRANDS),
        "product_type": chance.choice(TREE),
        "price": chance.choice(["0.99", "9.99", "10.00", "24.99", "25.00", "49.99", "77.77", "999.99", "20000.00"])
        + " USD",
        "item_group_id": f"g{group}" if chance.random() < 0.6 else None,
        "attributes": {key: value for key, value in attributes.items() if chance.random() < 0.8},
    }


async def fill(database: Database) -> None:
    """Bring in products, stores and stock, the same each time."""
    chance = random.Random(20)  # noqa: S311 - the same products each time
    told, into = Told(), destination(database)
    lines = json_lines(feed_line(number, chance) for number in range(1, PRODUCTS + 1))
    await import_products(into, lines, "USD", told)
    await import_stores(into, json_lines({"code": f"S{n}", "name": f"Store {n}"} for n in STORES), told)
    stock = [
        f"S{store},sku-{number},{chance.randint(0, 3)}"
        for number in range(1, PRODUCTS + 1)
        for store in chance.sample(STORES, chance.randint(0, 4))
    ]
    await import_inventory(into, csv_lines(*stock), told)
    assert not told.lines
    async with database.writes.begin() as connection:
        for statement in ALTERED:
            await connection.execute(text(statement))


@pytest.fixture(scope="session")
async def stocked_shop(environment: Mapping[str, str], install: Install) -> AsyncIterator[StockedShop]:
    """A database of its own, so that nobody else's products are counted, and the index made from it."""
    with fresh_database(environment["DATABASE_URL"]) as url:
        database = open_database(DatabaseSettings(url=url))
        await fill(database)
        installation = await install()
        products = Shelf([each async for batch in stream_snapshots(database, "USD") for each in batch])
        assert [product.id for product in products] == list(range(1, PRODUCTS + 1))
        await installation.hold(products)
        yield StockedShop(database, installation, products)
        await database.close()


@pytest.fixture(scope="session")
def shelf(stocked_shop: StockedShop) -> list[ProductSnapshot]:
    """The shop's products, deleted ones among them."""
    return stocked_shop.products
