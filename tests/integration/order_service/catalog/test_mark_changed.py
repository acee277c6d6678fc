"""Marks under concurrency on real Postgres."""

import asyncio
import random

import pytest

from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.products import read_product
from order_service.database.engine import Database
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId
from tests.factories.catalogue import a_category, a_product
from tests.factories.ledger import marks

pytestmark = pytest.mark.servers


async def test_markers_of_the_same_products_in_any_order_lose_no_version(database: Database) -> None:
    category = (await a_category(database)).id
    ids = [(await a_product(database, category=category)).id for _ in range(6)]

    async def mark(_: int) -> None:
        shuffled = random.sample(ids, len(ids))

        async def work(unit: UnitOfWork) -> dict[ProductId, int]:
            return await mark_changed(unit.connection, shuffled, None)

        assert set(await in_unit_of_work(database, work)) == set(ids)

    await asyncio.gather(*map(mark, range(20)))
    for product_id in ids:
        assert (await read_product(database, product_id)).version == 21
        assert await marks(database, product_id) == 21


async def test_unknown_products_and_none_at_all_are_left_out(database: Database) -> None:
    async def work(unit: UnitOfWork) -> list[dict[ProductId, int]]:
        return [
            await mark_changed(unit.connection, [], None),
            await mark_changed(unit.connection, [ProductId(2**60)], None),
        ]

    assert await in_unit_of_work(database, work) == [{}, {}]
