"""Moving orders along their states on real Postgres."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.errors import ForbiddenMove, InvalidInput, NotFound
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.order import Order
from order_service.orders.read_orders import OrderFilter, list_orders, read_order
from order_service.stock.levels import read_quantities
from schemas.ids import OrderId, UserId

pytestmark = pytest.mark.servers

STAFF = Mover(UserId(1), is_staff=True)
Breaks = Callable[[], Awaitable[list[Any]]]
Bought = Callable[[], Awaitable[Order]]


async def move(database: Database, order: Order, wanted: str, mover: Mover = STAFF, *, paid: bool = False) -> Order:
    return await move_order(database, order.id, Move(wanted, "because"), mover, payment_required=paid)


async def test_an_owner_cancels_and_the_goods_are_back(
    database: Database, bought: Bought, buyer: UserId, stock_breaks: Breaks
) -> None:
    order = await bought()
    cancelled = await move(database, order, "cancelled", Mover(buyer, is_staff=False))
    assert cancelled.status == "CANCELLED"
    product = order.lines[0].product_id
    assert await read_quantities(database, [product], order.store_id) == {product: 3}
    assert await stock_breaks() == []
    last = cancelled.history[-1]
    assert (last.from_status, last.to_status, last.actor, last.reason) == (
        "CONFIRMED", "CANCELLED", f"user:{buyer}", "because",
    )  # fmt: skip


async def test_each_move_is_an_event_with_the_next_sequence(database: Database, bought: Bought) -> None:
    order = await bought()
    for wanted in ("Paid", "SHIPPED", "delivered"):
        await move(database, order, wanted)
    async with database.reads.connect() as connection:
        found = await connection.execute(
            text("SELECT sequence, type FROM outbox WHERE aggregateid = :id ORDER BY sequence"), {"id": str(order.id)}
        )
        assert [(row.sequence, row.type.split(".")[2]) for row in found] == [
            (1, "confirmed"), (2, "paid"), (3, "shipped"), (4, "delivered"),
        ]  # fmt: skip


async def test_a_forbidden_move_names_the_allowed_ones(database: Database, bought: Bought, buyer: UserId) -> None:
    order = await bought()
    with pytest.raises(ForbiddenMove) as refused:
        await move(database, order, "delivered", Mover(buyer, is_staff=False))
    assert refused.value.allowed == ["CANCELLED"]
    with pytest.raises(ForbiddenMove):
        await move(database, order, "shipped", paid=True)
    with pytest.raises(InvalidInput, match="status"):
        await move(database, order, "lost")


async def test_a_foreign_order_is_not_found(database: Database, bought: Bought) -> None:
    order = await bought()
    with pytest.raises(NotFound):
        await move(database, order, "cancelled", Mover(UserId(10**9), is_staff=False))
    with pytest.raises(NotFound):
        await move_order(database, OrderId(uuid.uuid4()), Move("cancelled"), STAFF, payment_required=False)


async def test_two_cancels_at_once_restock_once(database: Database, bought: Bought, stock_breaks: Breaks) -> None:
    order = await bought()
    outcomes = await asyncio.gather(*(move(database, order, "cancelled") for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(each, Order) for each in outcomes) == 1
    assert await stock_breaks() == []


async def test_lists_are_newest_first_and_filtered(database: Database, bought: Bought, buyer: UserId) -> None:
    orders = [await bought() for _ in range(3)]
    await move(database, orders[1], "cancelled")
    page, count = await list_orders(database, OrderFilter(user_id=buyer), page=1, page_size=2)
    assert [each.id for each in page] == [orders[2].id, orders[1].id]
    assert count >= 3
    assert page[0].lines == orders[2].lines
    [only], count = await list_orders(
        database, OrderFilter(store_id=orders[1].store_id, status="CANCELLED"), page=1, page_size=20
    )
    assert (only.id, count) == (orders[1].id, 1)
    none, count = await list_orders(
        database, OrderFilter(user_id=buyer, created_to=orders[0].created_at, created_from=orders[0].created_at),
        page=1, page_size=20,
    )  # fmt: skip
    assert (none, count) == ([], 0)


async def test_an_unknown_order_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await read_order(database, OrderId(uuid.uuid4()))
