"""Returns on real Postgres: stock, ledger and money follow what came back, once, never more than was sold."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from order_service.database.engine import Database
from order_service.errors import Conflict, InvalidInput
from order_service.orders.change_money import MoneyChanged
from order_service.orders.order import Order
from tests.factories.ledger import ledger, rows
from tests.factories.till import Till

pytestmark = pytest.mark.servers

Breaks = Callable[[], Awaitable[list[Any]]]
Delivered = Callable[[], Awaitable[Order]]


@pytest.fixture
def till(database: Database) -> Till:
    return Till(database)


@pytest.fixture
async def delivered(till: Till, bought: Callable[[], Awaitable[Order]]) -> Delivered:
    """Three pieces for 30.00, paid by card and delivered."""

    async def deliver() -> Order:
        order = await bought()
        await till.pay(order)
        for status in ("shipped", "delivered"):
            order = await till.move(order, status)
        return order

    return deliver


async def on_hand(till: Till, order: Order) -> tuple[Any, ...]:
    line = order.lines[0]
    statement = "SELECT on_hand, returned FROM stock_levels WHERE store_id = :s AND product_id = :p"
    [found] = await rows(till.database, statement, s=line.store_id, p=line.product_id)
    return found


async def test_pieces_come_back_in_parts_with_their_money(
    till: Till, delivered: Delivered, stock_breaks: Breaks
) -> None:
    order = await delivered()
    first = await till.take_back(order, (1, 1, True))
    assert [each.amount_minor for each in first.refunds] == [1000]
    assert await on_hand(till, order) == (1, 1)
    await till.take_back(order, (1, 2, False))
    seen = await till.look(order)
    assert (seen.status, seen.lines[0].returned, till.cards.kept) == ("REFUNDED", 3, 0)
    assert [[line.restocked for line in each.lines] for each in seen.returns] == [[True], [False]]
    assert await on_hand(till, order) == (1, 1)
    store_id = order.lines[0].store_id
    assert store_id is not None
    assert (await ledger(till.database, store_id, order.lines[0].product_id))[-1] == ("returned", 1)
    assert await stock_breaks() == []
    told = "SELECT split_part(type, '.', 3) FROM outbox WHERE aggregateid = :id ORDER BY sequence"
    names = [name for (name,) in await rows(till.database, told, id=str(order.id))]
    assert names[-4:] == ["returned", "refund_made", "returned", "refunded"]


async def test_returns_at_once_bring_back_no_more_than_was_sold(
    till: Till, delivered: Delivered, stock_breaks: Breaks
) -> None:
    order = await delivered()
    outcomes = await asyncio.gather(*(till.take_back(order, (1, 2, True)) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(each, MoneyChanged) for each in outcomes) == 1
    assert (await on_hand(till, order), till.cards.kept) == ((2, 2), 1000)
    assert await stock_breaks() == []


async def test_one_key_is_one_return(till: Till, delivered: Delivered) -> None:
    order, key = await delivered(), str(uuid.uuid4())
    outcomes = await asyncio.gather(*(till.take_back(order, (1, 1, True), key=key) for _ in range(5)))
    assert len({each.returned.id for each in outcomes if each.returned}) == 1
    assert await on_hand(till, order) == (1, 1)


async def test_a_refund_that_is_lost_follows_and_the_goods_are_on_the_shelf(till: Till, delivered: Delivered) -> None:
    order = await delivered()
    till.cards.mood = "away"
    made = await till.take_back(order, (1, 1, True))
    assert (made.is_under_way, await on_hand(till, order)) == (True, (1, 1))
    till.cards.mood = "well"
    assert (await till.settle(order)).refunded_minor == 1000


async def test_another_amount_or_none_may_be_paid_back(till: Till, delivered: Delivered) -> None:
    order = await delivered()
    assert (await till.take_back(order, (1, 1, True), refunds=False)).refunds == []
    assert [each.amount_minor for each in (await till.take_back(order, (1, 1, True), amount_minor=1)).refunds] == [1]
    with pytest.raises(Conflict, match=r"29\.99 USD of it can be paid back"):
        await till.take_back(order, (1, 1, True), amount_minor=3000)
    assert await on_hand(till, order) == (2, 2)


async def test_what_never_left_or_is_no_line_does_not_come_back(
    till: Till, delivered: Delivered, bought: Callable[[], Awaitable[Order]]
) -> None:
    with pytest.raises(Conflict, match="CONFIRMED"):
        await till.take_back(await bought(), (1, 1, True))
    with pytest.raises(InvalidInput) as refused:
        await till.take_back(await delivered(), (2, 1, True), (1, 1, True), (1, 1, True))
    assert [fault.field for fault in refused.value.faults] == ["lines[0].line", "lines[2].line"]
    with pytest.raises(Conflict, match="3 of line 1 can still come back"):
        await till.take_back(await delivered(), (1, 4, True))


async def test_a_cancelled_order_puts_back_only_what_had_not_come_back(
    till: Till, bought: Callable[[], Awaitable[Order]], stock_breaks: Breaks
) -> None:
    order = await bought()
    await till.pay(order)
    await till.take_back(order, (1, 1, True))
    cancelled = await till.move(order, "cancelled")
    assert (cancelled.refunded_minor, await on_hand(till, order), till.cards.kept) == (3000, (3, 3), 0)
    assert await stock_breaks() == []
