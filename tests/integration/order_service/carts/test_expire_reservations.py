"""Reservations whose time is over, and carts that nobody touches, on real Postgres."""

import asyncio

import pytest
from sqlalchemy import text

from order_service.carts.cart import Cart, CartOwner
from order_service.carts.expire_reservations import AT_ONCE, abandon_stale_carts, expire_reservations
from order_service.carts.lock_carts import lock_open_carts
from order_service.carts.read_cart import read_open_cart
from order_service.database.engine import Database
from order_service.errors import CartShort
from order_service.orders.placement import Placed, PlacementRequest
from order_service.unit_of_work import UnitOfWork
from schemas.shop_settings import ShopSettings
from tests.factories.carts import contents, guest, id_of, open_cart, put, reserved
from tests.factories.ledger import marks, rows
from tests.factories.placements import place_order
from tests.integration.order_service.conftest import Breaks, NewStore, Stocked

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
async def nothing_is_due(database: Database) -> None:
    """Let go what other tests on this database left behind, so that what a test counts is its own."""
    await expire_reservations(database)
    await abandon_stale_carts(database, 120)


async def age(database: Database, *carts: Cart, minutes: int = 31) -> None:
    """Let so much time pass for these carts."""
    values = {"carts": [cart.id for cart in carts], "minutes": minutes}
    async with database.writes.begin() as connection:
        for table, column, key in (("reservations", "expires_at", "cart_id"), ("carts", "active_at", "id")):
            statement = f"UPDATE {table} SET {column} = {column} - make_interval(mins => :minutes)"  # noqa: S608 - names of this test
            await connection.execute(text(f"{statement} WHERE {key} = ANY(CAST(:carts AS uuid[]))"), values)


async def test_what_is_over_its_time_goes_back_and_the_rest_stays(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store, late, early = await new_store(), guest(), guest()
    product = await stocked({store: 3})
    old = await put(database, late, product, 2)
    await put(database, early, product, 1)
    before = await marks(database, product)
    await age(database, old)
    lags: list[float] = []
    assert await expire_reservations(database, lags.append) == 1
    assert await reserved(database, product) == {store: 1}
    assert await marks(database, product) == before + 1
    assert [59 < lag_s < 120 for lag_s in lags] == [True]
    cart = await open_cart(database, late)
    assert (contents(cart), cart.items[0].reserved_until) == ([(product, 2)], None)
    assert await expire_reservations(database) == 0


async def test_more_carts_than_fit_in_one_transaction_all_expire(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product = await stocked({store: 500})
    carts = [await put(database, guest(), product) for _ in range(AT_ONCE + 3)]
    await age(database, *carts)
    assert await expire_reservations(database) == AT_ONCE + 3
    assert await reserved(database, product) == {}


async def test_a_cart_in_use_is_skipped_and_waits_for_nobody(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store, busy, idle = await new_store(), guest(), guest()
    product = await stocked({store: 3})
    carts = [await put(database, owner, product) for owner in (busy, idle)]
    await age(database, *carts)
    async with UnitOfWork(database) as user:
        await lock_open_carts(user.connection, [busy])
        assert await expire_reservations(database) == 1
    assert await reserved(database, product) == {store: 1}
    assert await expire_reservations(database) == 1


async def test_two_expiries_at_once_release_each_reservation_once(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product = await stocked({store: 50})
    await age(database, *[await put(database, guest(), product) for _ in range(30)])
    assert sum(await asyncio.gather(*(expire_reservations(database) for _ in range(4)))) == 30
    assert await reserved(database, product) == {}


async def test_checkout_against_expiry_sells_or_rejects_and_no_piece_is_lost(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 8})
    owners = [guest() for _ in range(8)]
    await age(database, *[await put(database, owner, product) for owner in owners])

    async def grab() -> bool:
        try:
            await put(database, guest(), product)
        except CartShort:
            return False
        return True

    async def check_out(owner: CartOwner) -> Placed:
        return await place_order(database, shop, PlacementRequest((), cart=owner))

    grabbing = asyncio.gather(grab(), grab())
    expiring = asyncio.gather(expire_reservations(database), expire_reservations(database))
    sold = await asyncio.gather(*(check_out(owner) for owner in owners))
    await expiring
    grabbed = sum(await grabbing)
    confirmed = sum(each.order.status == "CONFIRMED" for each in sold)
    assert confirmed == 8 - grabbed
    [[left]] = await rows(database, "SELECT on_hand FROM stock_levels WHERE product_id = :p", p=product)
    assert left == 8 - confirmed
    assert sum((await reserved(database, product)).values()) == grabbed
    assert await stock_breaks() == []


async def test_a_cart_that_nobody_changed_for_long_is_closed(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store, stale, fresh = await new_store(), guest(), guest()
    product = await stocked({store: 5})
    old = await put(database, stale, product, 2)
    await put(database, fresh, product)
    await age(database, old, minutes=121)
    assert await abandon_stale_carts(database, 120) == 1
    assert await read_open_cart(database, stale) is None
    assert contents(await open_cart(database, fresh)) == [(product, 1)]
    assert await reserved(database, product) == {store: 1}
    closed = "SELECT status, closed_at IS NOT NULL, client_digest FROM carts WHERE id = :id"
    assert await rows(database, closed, id=id_of(old)) == [("ABANDONED", True, None)]
    assert await abandon_stale_carts(database, 120) == 0
