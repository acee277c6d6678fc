"""Popularity from real rows: what counts, how it fades, and how few products a run changes."""

import uuid
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.jobs.update_popularity import changed_levels, update_popularity
from order_service.product_snapshots import snapshots_of
from schemas.events.product_snapshot import ProductSnapshot
from schemas.ids import ProductId
from tests.factories.catalogue import a_product

pytestmark = pytest.mark.servers

NO_CLICKS: Mapping[int, float] = {}
ORDER = text("""
INSERT INTO orders (id, number, status, currency, total_minor, email, created_at)
VALUES (:id, CAST(:id AS text), :status, 'USD', 1, :email, now() - make_interval(days => :days))
""")
LINE = text("""
INSERT INTO order_lines (order_id, line_number, product_id, sku, product_title, quantity, unit_price_minor,
    line_total_minor)
VALUES (:id, 1, :product_id, '', '', :quantity, 1, :quantity)
""")
MARKS = text("SELECT count(*) FROM product_changes WHERE product_id = :id")


async def bought(  # noqa: PLR0913 - what an order can differ in
    database: Database,
    product_id: int,
    times: int = 1,
    *,
    email: str | None = None,
    status: str = "CONFIRMED",
    days: int = 0,
    quantity: int = 1,
) -> None:
    async with database.writes.begin() as connection:
        for _ in range(times):
            order = {"id": uuid.uuid4(), "status": status, "email": email, "days": days}
            await connection.execute(ORDER, order)
            await connection.execute(LINE, {**order, "product_id": product_id, "quantity": quantity})


async def snapshot(database: Database, product_id: ProductId) -> ProductSnapshot:
    async with database.reads.connect() as connection:
        [found] = await snapshots_of(connection, [product_id], "USD")
        return found


async def level(database: Database, product_id: ProductId, clicks: Mapping[int, float] = NO_CLICKS) -> int:
    await update_popularity(database, clicks)
    return (await snapshot(database, product_id)).popularity


async def test_each_buyer_counts_once_a_day_whatever_they_buy(database: Database) -> None:
    many, one = (await a_product(database)).id, (await a_product(database)).id
    await bought(database, many, 10)
    await bought(database, one, 10, email="same@example.com", quantity=50)
    await update_popularity(database, NO_CLICKS)
    assert (await snapshot(database, many)).popularity == 50  # 1 + 10 sales of 5, binary logarithm 5.7
    assert (await snapshot(database, one)).popularity == 20  # 1 + 5: 2.6


async def test_orders_that_came_to_nothing_do_not_count(database: Database) -> None:
    product = (await a_product(database)).id
    for status in ("CANCELLED", "REFUNDED", "REJECTED"):
        await bought(database, product, 3, status=status)
    assert await level(database, product) == 0


async def test_evidence_fades(database: Database) -> None:
    fresh, old, forgotten = [(await a_product(database)).id for _ in range(3)]
    for product, days in ((fresh, 0), (old, 60), (forgotten, 200)):
        await bought(database, product, 20, days=days)
    await update_popularity(database, NO_CLICKS)
    assert [(await snapshot(database, each)).popularity for each in (fresh, old, forgotten)] == [60, 40, 0]


async def test_clicks_weigh_less_than_sales_and_one_is_not_enough(database: Database) -> None:
    product = (await a_product(database)).id
    assert await level(database, product, {product: 1.0}) == 0
    assert await level(database, product, {product: 7.0}) == 30
    assert await level(database, product, {product: 10_000_000.0}) == 100


async def test_a_level_is_left_only_well_past_its_bound(database: Database) -> None:
    product = (await a_product(database)).id
    assert await level(database, product, {product: 7.2}) == 30
    assert await level(database, product, {product: 6.5}) == 30
    assert await level(database, product, {product: 15.5}) == 30
    assert await level(database, product, {product: 18.5}) == 40
    assert await level(database, product, {product: 0.1}) == 0


async def test_a_change_raises_the_version_and_is_marked_once_and_a_second_run_changes_nothing(
    database: Database,
) -> None:
    product = await a_product(database)
    async with database.reads.connect() as connection:
        before = await connection.scalar(MARKS, {"id": product.id})
    await level(database, product.id, {product.id: 7.0})
    await level(database, product.id, {product.id: 7.0})
    assert (await snapshot(database, product.id)).version == product.version + 1
    async with database.reads.connect() as connection:
        assert await connection.scalar(MARKS, {"id": product.id}) == (before or 0) + 1
    assert product.id not in {each.product_id for each in await changed_levels(database, {product.id: 7.0})}
