"""Migrations: once, by one process at a time, and the constraints they leave behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from order_service.database.engine import Database
from order_service.database.migrate import apply_migrations, newest_revision, schema_revision
from schemas.settings import DatabaseSettings

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
