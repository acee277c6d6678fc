"""Placing orders on real Postgres, alone and many at once."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, Unavailable
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.place_order import OrderPlacements
from order_service.orders.place_orders import place_orders
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.orders.read_orders import read_order
from order_service.unit_of_work import UnitOfWork
from schemas.ids import ProductId, StoreId, UserId
from schemas.shop_settings import ShopSettings
from tests.factories.ledger import rows
from tests.factories.placements import place_order
from tests.factories.waiting import until_answered

pytestmark = pytest.mark.servers

Stocked = Callable[..., Awaitable[ProductId]]
NewStoreFixture = Callable[[], Awaitable[StoreId]]
Breaks = Callable[[], Awaitable[list[Any]]]


def order(*lines: tuple[ProductId, int], **fields: Any) -> PlacementRequest:
    """Ask for (product, quantity) pairs."""
    return PlacementRequest(tuple(LineRequest(product, quantity) for product, quantity in lines), **fields)


def key(fingerprint: bytes = b"body") -> IdempotencyKey:
    """Make a key that nobody used."""
    return IdempotencyKey("test POST /orders", uuid.uuid4().hex, fingerprint)


async def on_hand(database: Database, store_id: StoreId, product_id: ProductId) -> int:
    [[value]] = await rows(
        database, "SELECT on_hand FROM stock_levels WHERE store_id = :s AND product_id = :p", s=store_id, p=product_id
    )
    return int(value)


async def test_a_confirmed_order_leaves_stock_ledger_history_and_event_behind(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, buyer: UserId
) -> None:
    store = await new_store()
    product = await stocked({store: 5})
    placed = await place_order(
        database, shop, order((product, 2), store_id=store, user_id=buyer, request_id="r-1", note="ring twice")
    )
    assert (placed.order.status, placed.order.total_minor, placed.short) == ("CONFIRMED", 2000, [])
    assert await on_hand(database, store, product) == 3
    assert await read_order(database, placed.order.id) == placed.order
    movements = await rows(
        database, "SELECT kind, quantity, actor FROM stock_movements WHERE order_id = :id", id=placed.order.id
    )
    assert movements == [("sold", -2, f"user:{buyer}")]
    [event] = await rows(
        database,
        "SELECT aggregatetype, type, sequence, request_id, payload FROM outbox WHERE aggregateid = :id",
        id=str(placed.order.id),
    )
    *said, payload = event
    assert tuple(said) == ("order", "aisle.order.confirmed.v1", 1, "r-1")
    assert payload["email"].endswith("@example.com")


async def test_short_stock_is_recorded_as_rejected_and_takes_nothing(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    plenty, scarce = await stocked({store: 5}), await stocked({store: 1})
    placed = await place_order(database, shop, order((plenty, 1), (scarce, 2), store_id=store, email="g@example.com"))
    assert placed.order.status == "REJECTED"
    assert [(line.product_id, line.available) for line in placed.short] == [(scarce, 1)]
    assert (await on_hand(database, store, plenty), await on_hand(database, store, scarce)) == (5, 1)
    assert (await read_order(database, placed.order.id)).reason


async def test_without_a_store_the_lowest_one_that_serves_every_line_is_taken(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    first, second, third = [await new_store() for _ in range(3)]
    a, b = await stocked({first: 9, second: 9, third: 9}), await stocked({first: 1, second: 3, third: 3})
    placed = await place_order(database, shop, order((a, 1), (b, 2)))
    assert placed.order.store_id == second
    nowhere = await place_order(database, shop, order((a, 1), (b, 4)))
    assert (nowhere.order.status, nowhere.order.store_id) == ("REJECTED", first)


async def test_a_product_no_store_ever_had_is_rejected_without_a_store(
    database: Database, shop: ShopSettings, stocked: Stocked
) -> None:
    placed = await place_order(database, shop, order((await stocked({}), 1)))
    assert (placed.order.status, placed.order.store_id) == ("REJECTED", None)


async def test_selling_the_last_unit_raises_the_version_and_marks_the_product_once(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product = await stocked({store: 3})
    version = "SELECT version FROM products WHERE id = :id"
    [[before]] = await rows(database, version, id=product)
    await place_order(database, shop, order((product, 2), store_id=store))
    assert (await rows(database, version, id=product))[0][0] == before
    await place_order(database, shop, order((product, 1), store_id=store))
    assert (await rows(database, version, id=product))[0][0] == before + 1


async def test_unknown_products_stores_and_small_totals_are_refused_by_field(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    product = await stocked({await new_store(): 1})
    with pytest.raises(InvalidInput, match=r"items\[0\]\.product_id"):
        await place_order(database, shop, order((ProductId(10**12), 1)))
    with pytest.raises(InvalidInput, match="store_id"):
        await place_order(database, shop, order((product, 1), store_id=StoreId(10**9)))
    with pytest.raises(InvalidInput, match="items"):
        await place_order(database, shop, order())
    with pytest.raises(InvalidInput, match=r"10\.01"):
        await place_order(database, replace(shop, min_order_amount="10.01"), order((product, 1)))


async def test_fifty_buyers_of_twenty_units_get_exactly_twenty(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 20})
    outcomes = await asyncio.gather(
        *(place_order(database, shop, order((product, 1), store_id=store)) for _ in range(50))
    )
    assert Counter(each.order.status for each in outcomes) == {"CONFIRMED": 20, "REJECTED": 30}
    assert await on_hand(database, store, product) == 0
    assert await stock_breaks() == []


async def test_crossed_lines_never_deadlock(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, stock_breaks: Breaks
) -> None:
    store = await new_store()
    products = [await stocked({store: 500}) for _ in range(4)]
    processes = [OrderPlacements(database, shop) for _ in range(4)]

    async def buy(number: int) -> str:
        lines = products[number % 4 :] + products[: number % 4]
        lines = lines[::-1] if number % 2 else lines
        wanted = order(*((each, 1) for each in lines), store_id=store)
        return (await processes[number // 4 % 4].place(wanted)).order.status

    assert set(await asyncio.gather(*(buy(number) for number in range(100)))) == {"CONFIRMED"}
    assert await stock_breaks() == []


async def test_orders_without_a_store_sell_every_unit_of_every_store_and_no_more(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    first, second = await new_store(), await new_store()
    product = await stocked({first: 7, second: 8})
    outcomes = await asyncio.gather(*(place_order(database, shop, order((product, 1))) for _ in range(20)))
    confirmed = [each.order.store_id for each in outcomes if each.order.status == "CONFIRMED"]
    assert Counter(confirmed) == {first: 7, second: 8}


async def test_a_batch_is_judged_in_order_in_one_transaction(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 3})
    requests = [order((product, quantity), store_id=store) for quantity in (2, 2, 1)]
    async with UnitOfWork(database) as unit:
        verdicts = await place_orders(unit, shop, [*requests, order((ProductId(10**12), 1), store_id=store)])
        await unit.commit()
    statuses = [each.order.status for each in verdicts if isinstance(each, Placed)]
    assert statuses == ["CONFIRMED", "REJECTED", "CONFIRMED"]
    assert await on_hand(database, store, product) == 0
    assert await stock_breaks() == []


async def test_a_transaction_that_is_not_committed_leaves_nothing(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product, claimed = await stocked({store: 3}), key()
    async with UnitOfWork(database) as unit:
        [verdict] = await place_orders(unit, shop, [order((product, 1), store_id=store, idempotency=claimed)])
    assert isinstance(verdict, Placed)
    assert await on_hand(database, store, product) == 3
    assert await rows(database, "SELECT 1 FROM orders WHERE id = :id", id=verdict.order.id) == []
    assert await rows(database, "SELECT 1 FROM idempotency_keys WHERE key = :key", key=claimed.key) == []


async def test_one_key_a_hundred_times_at_once_is_one_order(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product = await stocked({store: 9})
    request = order((product, 1), store_id=store, idempotency=key())

    async def buy() -> Placed | IdempotencyInProgress:
        try:
            return await place_order(database, shop, request)
        except IdempotencyInProgress as busy:
            return busy

    answers = [each for each in await asyncio.gather(*(buy() for _ in range(100))) if isinstance(each, Placed)]
    assert len({each.order.id for each in answers}) == 1
    assert sum(not each.replayed for each in answers) == 1
    assert await on_hand(database, store, product) == 8


async def test_a_replay_gives_the_stored_order_and_another_body_is_refused(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product, claimed = await stocked({store: 1}), key()
    request = order((product, 1), store_id=store, idempotency=claimed)
    first = await place_order(database, shop, request)
    again = await place_order(database, shop, request)
    assert again == msgspec.structs.replace(first, replayed=True)
    other = IdempotencyKey(claimed.scope, claimed.key, b"other body")
    with pytest.raises(IdempotencyKeyReused):
        await place_order(database, shop, msgspec.structs.replace(request, idempotency=other))


async def test_a_rejection_and_a_refusal_are_replayed_too(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product = await stocked({store: 0})
    request = order((product, 1), store_id=store, idempotency=key())
    first = await place_order(database, shop, request)
    again = await place_order(database, shop, request)
    assert (first.order.status, again.order.id, again.replayed) == ("REJECTED", first.order.id, True)
    unknown = order((ProductId(10**12), 1), store_id=store, idempotency=key())
    for _ in range(2):
        with pytest.raises(InvalidInput):
            await place_order(database, shop, unknown)


async def test_a_key_over_its_length_is_refused(database: Database, shop: ShopSettings) -> None:
    too_long = IdempotencyKey("test", "k" * 256, b"")
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        await place_order(database, shop, order((ProductId(1), 1), idempotency=too_long))


async def test_a_key_whose_first_request_is_still_running_says_so(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product = await stocked({store: 2})
    request = order((product, 1), store_id=store, idempotency=key())
    async with UnitOfWork(database) as running:
        [verdict] = await place_orders(running, shop, [request])
        with pytest.raises(IdempotencyInProgress):
            await place_order(database, shop, request)
        await running.commit()
    assert isinstance(verdict, Placed)
    assert (await place_order(database, shop, request)).order.id == verdict.order.id


async def test_an_expired_key_counts_as_new(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    request = order((await stocked({store: 2}), 1), store_id=store, idempotency=key())
    first = await place_order(database, shop, request)
    async with database.writes.begin() as connection:
        await connection.execute(text("UPDATE idempotency_keys SET expires_at = now() - interval '1 s'"))
    again = await place_order(database, shop, request)
    assert (again.replayed, again.order.id == first.order.id) == (False, False)


async def test_a_store_emptied_after_it_was_chosen_gives_way_to_the_next(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    first, second = await new_store(), await new_store()
    product, claimed = await stocked({first: 1, second: 1}), key()
    async with UnitOfWork(database) as ahead:
        await place_orders(ahead, shop, [order((product, 1), store_id=first)])
        late = asyncio.create_task(place_order(database, shop, order((product, 1), idempotency=claimed)))
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        await until_answered(lambda: rows(database, waiting))
        await ahead.commit()
    placed = await late
    assert (placed.order.status, placed.order.store_id) == ("CONFIRMED", second)


async def test_in_one_process_fifty_buyers_of_twenty_units_get_exactly_twenty(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 20})
    placements = OrderPlacements(database, shop)
    outcomes = await asyncio.gather(*(placements.place(order((product, 1), store_id=store)) for _ in range(50)))
    assert Counter(each.order.status for each in outcomes) == {"CONFIRMED": 20, "REJECTED": 30}
    assert await on_hand(database, store, product) == 0
    assert await stock_breaks() == []


async def test_an_order_that_postgres_refuses_does_not_fail_its_neighbours(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 20})
    placements = OrderPlacements(database, shop)
    notes = ["fine"] * 5 + ["not \0 fine"] + ["fine"] * 5
    outcomes = await asyncio.gather(
        *(placements.place(order((product, 1), store_id=store, note=note)) for note in notes), return_exceptions=True
    )
    assert [isinstance(each, Placed) for each in outcomes] == [note == "fine" for note in notes]
    assert await on_hand(database, store, product) == 10
    assert await stock_breaks() == []


async def test_an_order_for_a_row_that_somebody_holds_does_not_hold_up_the_others_for_long(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    held, free = await stocked({store: 9}), await stocked({store: 9})
    placements = OrderPlacements(database, shop)
    async with UnitOfWork(database) as holder:
        lock = text("SELECT 1 FROM stock_levels WHERE product_id = :p FOR UPDATE")
        await holder.connection.execute(lock, {"p": held})
        wanted = [order((product, 1), store_id=store) for product in (free, held, free, free)]
        outcomes = await asyncio.gather(*(placements.place(each) for each in wanted), return_exceptions=True)
    assert [isinstance(each, Placed) for each in outcomes] == [True, False, True, True]
    assert isinstance(outcomes[1], Unavailable)


async def test_one_key_a_hundred_times_at_once_in_one_process_is_one_order(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStoreFixture
) -> None:
    store = await new_store()
    product = await stocked({store: 9})
    placements = OrderPlacements(database, shop)
    request = order((product, 1), store_id=store, idempotency=key())
    answers = await asyncio.gather(*(placements.place(request) for _ in range(100)))
    assert len({each.order.id for each in answers}) == 1
    assert sum(not each.replayed for each in answers) == 1
    assert await on_hand(database, store, product) == 8
