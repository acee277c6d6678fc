"""The lag between a real Postgres and a real index."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from order_service.catalog.products import Product
from order_service.catalog.write_product import ProductChanges, change_product, delete_product
from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from search_indexer.query.index_lag import IndexLag
from tests.factories.catalogue import STAFF, a_product
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


@pytest.fixture
def lag(installation: Installation, database: Database) -> IndexLag:
    return IndexLag(installation.reader, database)


@pytest.fixture
async def product(database: Database) -> Product:
    return await a_product(database)


async def publish(database: Database) -> None:
    """Take the marks as the relay does once it has published."""
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM product_changes"))


async def catch_up(installation: Installation, database: Database) -> None:
    await publish(database)
    await installation.hold([each async for batch in stream_snapshots(database, "USD") for each in batch])


async def test_there_is_no_lag_once_everything_can_be_found(
    lag: IndexLag, installation: Installation, database: Database, product: Product
) -> None:
    await catch_up(installation, database)
    assert await lag.measure() == 0
    await delete_product(database, product.id, STAFF)
    await catch_up(installation, database)
    assert await lag.measure() == 0


async def test_a_change_counts_from_its_commit_until_it_can_be_found(
    lag: IndexLag, installation: Installation, database: Database, product: Product
) -> None:
    await catch_up(installation, database)
    started = datetime.now(UTC)
    changed = await change_product(database, product.id, ProductChanges(title="Changed"), STAFF)
    await asyncio.sleep(0.02)
    unpublished = await lag.measure()
    await publish(database)
    unindexed = await lag.measure()
    passed = (datetime.now(UTC) - started).total_seconds() * 1000
    assert 20 <= unpublished <= unindexed + 20
    assert 20 <= unindexed <= passed + 1
    await catch_up(installation, database)
    assert await installation.reader.newest_change() == changed.updated_at.replace(
        microsecond=changed.updated_at.microsecond // 1000 * 1000
    )
    assert await lag.measure() == 0


async def test_an_empty_index_lags_by_the_oldest_product(
    lag: IndexLag, installation: Installation, database: Database, product: Product
) -> None:
    await publish(database)
    await installation.indexes.ensure()
    await installation.refresh()
    assert await installation.reader.newest_change() is None
    assert await lag.measure() >= (datetime.now(UTC) - product.updated_at).total_seconds() * 1000 - 100
