"""Counters made anew from the ledger on real Postgres."""

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.stock.rebuild_levels import differing_levels, rebuild_levels
from schemas.ids import ProductId, StoreId
from tests.factories.catalogue import a_product, a_store
from tests.factories.ledger import marks, reserve, rows

pytestmark = pytest.mark.servers


async def spoilt(database: Database, on_hand: int) -> tuple[StoreId, ProductId]:
    """Make a level of five whose counters somebody set to something else."""
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    async with database.writes.begin() as connection:
        statement = "UPDATE stock_levels SET on_hand = :n, received = :n WHERE product_id = :p"
        await connection.execute(text(statement), {"n": on_hand, "p": product.id})
    return store.id, product.id


async def test_levels_that_agree_with_the_ledger_are_left_alone(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    assert product.id not in {each.product_id for each in await differing_levels(database)}


async def test_a_level_that_differs_gets_the_ledgers_counters_and_its_product_is_marked(database: Database) -> None:
    store, product = await spoilt(database, 9)
    [differing] = [each for each in await differing_levels(database) if each.product_id == product]
    assert (differing.store_id, differing.on_hand, differing.in_ledger) == (store, 9, 5)
    before = await marks(database, product)
    assert await rebuild_levels(database, [differing]) == []
    assert await rows(database, "SELECT on_hand, received FROM stock_levels WHERE product_id = :p", p=product) == [
        (5, 5)
    ]
    assert await marks(database, product) == before + 1


async def test_what_is_reserved_becomes_what_carts_hold(database: Database) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    await reserve(database, store.id, product.id, 3)
    [differing] = [each for each in await differing_levels(database) if each.product_id == product.id]
    assert (differing.reserved, differing.held) == (3, 0)
    assert await rebuild_levels(database, [differing]) == []
    assert await rows(database, "SELECT reserved FROM stock_levels WHERE product_id = :p", p=product.id) == [(0,)]


async def test_a_level_of_which_carts_hold_more_than_the_ledger_has_is_left_and_told(database: Database) -> None:
    store, product = await spoilt(database, 9)
    hold = "INSERT INTO reservations (item_id, cart_id, store_id, product_id, quantity, expires_at) "
    async with database.writes.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # no cart behind it
        values = {"i": -product, "s": store, "p": product}
        await connection.execute(text(hold + "VALUES (:i, uuidv7(), :s, :p, 7, now())"), values)
    [differing] = [each for each in await differing_levels(database) if each.product_id == product]
    assert await rebuild_levels(database, [differing]) == [differing]
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM reservations WHERE product_id = :p"), {"p": product})
    assert await rebuild_levels(database, [differing]) == []
