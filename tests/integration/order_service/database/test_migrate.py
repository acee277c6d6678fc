"""Migrations: once, by one process at a time, and the constraints they leave behind."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import Database, open_database
from order_service.database.migrate import apply_migrations, newest_revision, schema_revision
from order_service.orders.read_orders import read_order
from schemas.ids import OrderId
from schemas.settings import DatabaseSettings
from tests.factories.fresh_database import empty_database

pytestmark = pytest.mark.servers


async def test_the_schema_is_at_the_newest_revision(database: Database) -> None:
    assert await schema_revision(database.reads) == newest_revision()


def test_migrating_again_from_several_processes_changes_nothing(environment: dict[str, str]) -> None:
    settings = DatabaseSettings(url=environment["DATABASE_URL"])
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(apply_migrations, [settings] * 3))
    assert outcomes == [(newest_revision(), newest_revision())] * 3


async def test_the_ledger_cannot_be_rewritten(database: Database) -> None:
    async with database.writes.begin() as connection:
        await connection.execute(
            text("""
            WITH c AS (INSERT INTO categories (name, slug, path_ids, path_names, path_slugs)
                       VALUES ('ledger', 'ledger', '{}', '{}', '{}') RETURNING id),
                 p AS (INSERT INTO products (sku, title, category_id, price_minor) SELECT 'ledger', 'x', id, 1 FROM c
                       RETURNING id),
                 s AS (INSERT INTO stores (code, name) VALUES ('ledger', 'x') RETURNING id),
                 l AS (INSERT INTO stock_levels (store_id, product_id, on_hand, received) SELECT s.id, p.id, 2, 2
                       FROM s, p
                       RETURNING store_id, product_id)
            INSERT INTO stock_movements (store_id, product_id, kind, quantity, actor)
            SELECT store_id, product_id, 'received', 2, 'test' FROM l
            """)
        )
    for statement in ("UPDATE stock_movements SET quantity = 1", "DELETE FROM stock_movements"):
        with pytest.raises(ProgrammingError, match="append-only"):
            async with database.writes.begin() as connection:
                await connection.execute(text(statement))


@pytest.mark.parametrize("change", ["reserved = on_hand + 1", "on_hand = on_hand - 1", "reserved = -1"])
async def test_counters_that_disagree_cannot_be_committed(database: Database, change: str) -> None:
    with pytest.raises(IntegrityError):
        async with database.writes.begin() as connection:
            await connection.execute(text(f"UPDATE stock_levels SET {change}"))  # noqa: S608 - three constants


BEFORE_TOTALS = "0005"
EARLIER_ORDER = """
INSERT INTO orders (id, number, status, currency, total_minor) VALUES (%s, %s, 'CONFIRMED', 'USD', 2000)
"""
EARLIER_LINE = """
INSERT INTO order_lines
    (order_id, line_number, product_id, sku, product_title, quantity, unit_price_minor, line_total_minor)
VALUES (%s, 1, 1, 's', 'Thing', 2, 1000, 2000)
"""
EARLIER_SHOP = """
INSERT INTO categories (name, slug, path_ids, path_names, path_slugs) VALUES ('All', 'all', '{1}', '{All}', '{all}');
INSERT INTO products (sku, title, category_id, price_minor) VALUES ('s', 'Thing', 1, 1000)
"""


async def test_orders_of_the_release_before_totals_are_read_with_theirs_and_it_goes_on_writing(
    environment: dict[str, str],
) -> None:
    orders = [OrderId(uuid.uuid4()) for _ in range(2)]
    with empty_database(environment["DATABASE_URL"]) as url:
        settings = DatabaseSettings(url=url)
        apply_migrations(settings, BEFORE_TOTALS)
        with psycopg.connect(url, autocommit=True) as release_before:
            release_before.execute(EARLIER_SHOP)
            release_before.execute(EARLIER_ORDER, (orders[0], "A1"))
            release_before.execute(EARLIER_LINE, (orders[0],))
            assert apply_migrations(settings) == (BEFORE_TOTALS, newest_revision())
            release_before.execute(EARLIER_ORDER, (orders[1], "A2"))
            release_before.execute(EARLIER_LINE, (orders[1],))
        database = open_database(settings)
        for order_id in orders:
            order = await read_order(database, order_id)
            assert (order.totals.items_minor, order.totals.total_minor, order.tax_lines) == (2000, 2000, [])
        assert "an order comes to what its lines and its shipping come to" not in {
            each.invariant.rule for each in await verify_tables(database)
        }
        await database.close()
