"""Discount codes in orders on real Postgres, alone and raced for."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from order_service.database.engine import Database
from order_service.errors import InvalidInput, StillReferenced
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.orders.read_orders import read_order
from order_service.pricing.discount_codes import (
    DiscountCode,
    DiscountCodeChanges,
    NewDiscountCode,
    change_discount_code,
    create_discount_code,
    delete_discount_code,
    read_discount_code,
)
from schemas.ids import ProductId, StoreId, UserId
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import STAFF, a_product, a_store
from tests.factories.ledger import rows
from tests.factories.placements import place_order

pytestmark = pytest.mark.servers

SHOP = ShopSettings()
MOVER = Mover(UserId(1), is_staff=True)


async def a_code(database: Database, **fields: Any) -> DiscountCode:
    given = {"code": uuid.uuid4().hex, **fields}
    if "amount_minor" not in fields:
        given.setdefault("ppm", 100_000)
    return await create_discount_code(database, NewDiscountCode(**given), STAFF)


async def a_shelf(database: Database, on_hand: int, price_minor: int = 1000) -> tuple[StoreId, ProductId]:
    store = await a_store(database)
    return store.id, (await a_product(database, {store.id: on_hand}, price_minor=price_minor)).id


def order(shelf: tuple[StoreId, ProductId], code: DiscountCode, **fields: Any) -> PlacementRequest:
    store_id, product_id = shelf
    lines = (LineRequest(product_id, fields.pop("quantity", 1)),)
    return PlacementRequest(lines, store_id=store_id, discount_code=code.code.lower(), **fields)


async def uses(database: Database, code: DiscountCode) -> tuple[int, int]:
    """Give what the counter says and how many uses are recorded."""
    [[recorded]] = await rows(
        database, "SELECT count(*) FROM discount_uses WHERE discount_id = :d AND given_back_at IS NULL", d=code.id
    )
    return (await read_discount_code(database, code.id)).uses, recorded


async def race(database: Database, requests: Sequence[PlacementRequest], processes: int = 3) -> Counter[str]:
    """Place them all at once through as many batchers as processes would have, and count what became of them."""
    placements = [OrderPlacements(database, SHOP) for _ in range(processes)]
    outcomes = await asyncio.gather(
        *(placements[at % processes].place(each) for at, each in enumerate(requests)), return_exceptions=True
    )
    for each in placements:
        await each.close()
    unforeseen = [each for each in outcomes if not isinstance(each, Placed | InvalidInput)]
    assert not unforeseen
    return Counter(each.order.status if isinstance(each, Placed) else "refused" for each in outcomes)


async def test_a_code_takes_its_share_and_the_order_keeps_it(database: Database) -> None:
    shelf, code = await a_shelf(database, 5, 1999), await a_code(database, ppm=150_000)
    placed = await place_order(database, SHOP, order(shelf, code, email="g@example.com"))
    totals = placed.order.totals
    assert (totals.discount_minor, totals.total_minor, placed.order.discount_code) == (300, 1699, code.code)
    assert await read_order(database, placed.order.id) == placed.order
    assert await uses(database, code) == (1, 1)


async def test_a_code_with_ten_uses_is_used_ten_times_by_sixty_at_once(database: Database) -> None:
    shelf, code = await a_shelf(database, 100), await a_code(database, max_uses=10)
    assert await race(database, [order(shelf, code)] * 60) == {"CONFIRMED": 10, "refused": 50}
    assert await uses(database, code) == (10, 10)


async def test_a_customer_uses_a_code_as_often_as_they_may_however_many_orders_they_send_at_once(
    database: Database,
) -> None:
    shelf, code = await a_shelf(database, 100), await a_code(database, max_uses_per_customer=2)
    requests = [order(shelf, code, email=f"{name}@Example.com") for name in ("ann", "Ann", "bob") for _ in range(10)]
    assert await race(database, requests) == {"CONFIRMED": 4, "refused": 26}
    assert await uses(database, code) == (4, 4)


async def test_orders_that_are_short_take_no_use_even_in_a_race_for_the_last_ones(database: Database) -> None:
    shelf, code = await a_shelf(database, 6), await a_code(database, max_uses=10)
    assert await race(database, [order(shelf, code)] * 40) == {"CONFIRMED": 6, "REJECTED": 34}
    assert await uses(database, code) == (6, 6)


async def test_a_cancelled_order_gives_its_use_back_once(database: Database) -> None:
    shelf, code = await a_shelf(database, 5), await a_code(database, max_uses=1)
    first = (await place_order(database, SHOP, order(shelf, code))).order
    with pytest.raises(InvalidInput, match="used up"):
        await place_order(database, SHOP, order(shelf, code))
    cancels = (move_order(database, first.id, Move("CANCELLED"), MOVER, payment_required=False) for _ in range(5))
    await asyncio.gather(*cancels, return_exceptions=True)
    assert await uses(database, code) == (0, 0)
    again = await place_order(database, SHOP, order(shelf, code))
    assert again.order.status == "CONFIRMED"
    assert await uses(database, code) == (1, 1)


async def test_two_codes_named_in_crossed_orders_do_not_deadlock(database: Database) -> None:
    shelves = [await a_shelf(database, 100) for _ in range(2)]
    codes = [await a_code(database, max_uses=1000) for _ in range(2)]
    requests = [order(shelves[at % 2], codes[at // 2 % 2]) for at in range(80)]
    assert await race(database, requests) == {"CONFIRMED": 80}
    assert [await uses(database, code) for code in codes] == [(40, 40), (40, 40)]


async def test_the_least_order_and_the_least_items_of_a_code_are_looked_at(database: Database) -> None:
    shelf, code = await a_shelf(database, 5), await a_code(database, amount_minor=100, min_items_minor=2000)
    with pytest.raises(InvalidInput, match=r"at least 20\.00 USD"):
        await place_order(database, SHOP, order(shelf, code))
    assert (await place_order(database, SHOP, order(shelf, code, quantity=2))).order.total_minor == 1900
    least = ShopSettings(min_order_amount="19.01")
    with pytest.raises(InvalidInput, match="least order"):
        await place_order(database, least, order(shelf, code, quantity=2))


async def test_a_code_that_does_not_exist_refuses_the_order(database: Database) -> None:
    shelf, code = await a_shelf(database, 5), await a_code(database)
    await delete_discount_code(database, code.id, STAFF)
    with pytest.raises(InvalidInput, match="is not a discount code"):
        await place_order(database, SHOP, order(shelf, code))


async def test_a_used_code_stays_and_its_limit_does_not_fall_below_its_uses(database: Database) -> None:
    shelf, code = await a_shelf(database, 5), await a_code(database)
    await place_order(database, SHOP, order(shelf, code))
    with pytest.raises(StillReferenced):
        await delete_discount_code(database, code.id, STAFF)
    with pytest.raises(InvalidInput, match="below the 1 uses"):
        await change_discount_code(database, code.id, DiscountCodeChanges(max_uses=0), STAFF)
    changed = await change_discount_code(database, code.id, DiscountCodeChanges(max_uses=1, amount_minor=5), STAFF)
    assert (changed.kind, changed.ppm, changed.amount_minor, changed.max_uses) == ("fixed", 0, 5, 1)
