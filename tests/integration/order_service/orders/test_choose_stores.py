"""Orders that several stores serve together, on real Postgres."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from order_service.database.engine import Database
from order_service.errors import InvalidInput, ShortLine
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import SPLIT, LineRequest, PlacementRequest
from order_service.orders.read_orders import OrderFilter, list_orders, read_order
from order_service.stock.levels import read_quantities
from schemas.ids import ProductId, StoreId, UserId
from schemas.shop_settings import ShopSettings
from tests.factories.placements import place_order

pytestmark = pytest.mark.servers

Stocked = Callable[..., Awaitable[ProductId]]
NewStore = Callable[[], Awaitable[StoreId]]
Breaks = Callable[[], Awaitable[list[Any]]]


def split(*lines: tuple[ProductId, int], **fields: Any) -> PlacementRequest:
    return PlacementRequest(tuple(LineRequest(*line) for line in lines), allocation=SPLIT, **fields)


async def test_each_line_takes_the_lowest_store_that_serves_it_where_none_serves_all(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStore, stock_breaks: Breaks
) -> None:
    first, second, third = [await new_store() for _ in range(3)]
    a, b = await stocked({first: 1, second: 9, third: 9}), await stocked({first: 5})
    placed = await place_order(database, shop, split((a, 2), (b, 5)))
    order = placed.order
    assert (order.status, order.store_id, [line.store_id for line in order.lines]) == (
        "CONFIRMED",
        None,
        [second, first],
    )
    assert await read_order(database, order.id) == order
    for store in (first, second):
        found, _ = await list_orders(database, OrderFilter(store_id=store), page=1, page_size=20)
        assert order.id in [each.id for each in found]
    await move_order(database, order.id, Move("CANCELLED"), Mover(UserId(1), is_staff=True), payment_required=False)
    assert await read_quantities(database, [a], second) == {a: 9}
    assert await stock_breaks() == []


async def test_one_store_is_enough_where_it_serves_everything(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStore
) -> None:
    first, second = [await new_store() for _ in range(2)]
    a, b = await stocked({first: 9, second: 9}), await stocked({second: 9})
    placed = await place_order(database, shop, split((a, 1), (b, 1)))
    assert (placed.order.store_id, {line.store_id for line in placed.order.lines}) == (second, {second})


async def test_a_line_that_no_store_serves_alone_makes_the_order_short_and_takes_nothing(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStore
) -> None:
    first, second = [await new_store() for _ in range(2)]
    a, b = await stocked({first: 9}), await stocked({first: 2, second: 3})
    never = await stocked({})
    placed = await place_order(database, shop, split((a, 1), (b, 4), (never, 1)))
    assert placed.order.status == "REJECTED"
    assert placed.short == [ShortLine(b, 4, 3), ShortLine(never, 1, 0)]
    assert await read_quantities(database, [a, b]) == {a: 9, b: 5}


async def test_split_orders_in_a_race_sell_every_piece_of_every_store_and_none_twice(
    database: Database, shop: ShopSettings, stocked: Stocked, new_store: NewStore, stock_breaks: Breaks
) -> None:
    first, second = [await new_store() for _ in range(2)]
    a, b = await stocked({first: 10}), await stocked({second: 10})
    placements = [OrderPlacements(database, shop) for _ in range(3)]
    wanted = [split((a, 1), (b, 1)) if at % 2 else split((b, 1), (a, 1)) for at in range(30)]
    outcomes = await asyncio.gather(*(placements[at % 3].place(each) for at, each in enumerate(wanted)))
    for each in placements:
        await each.close()
    assert Counter(each.order.status for each in outcomes) == {"CONFIRMED": 10, "REJECTED": 20}
    assert await stock_breaks() == []


async def test_a_named_store_and_an_unknown_allocation_are_refused(
    database: Database, shop: ShopSettings, new_store: NewStore
) -> None:
    with pytest.raises(InvalidInput, match="allocation"):
        await place_order(database, shop, split((ProductId(1), 1), store_id=await new_store()))
    unknown = PlacementRequest((LineRequest(ProductId(1), 1),), allocation="nearest")
    with pytest.raises(InvalidInput, match="allocation"):
        await place_order(database, shop, unknown)
