"""Orders that nobody paid in time are cancelled, and nothing that may yet be paid is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.errors import Conflict
from order_service.orders.cancel_unpaid_orders import cancel_unpaid_orders
from order_service.orders.money_plan import PaymentWanted
from order_service.orders.order import Order
from order_service.stock.levels import read_quantities
from tests.factories.till import Till

pytestmark = pytest.mark.servers

Bought = Callable[[], Awaitable[Order]]
MINUTES = 60


@pytest.fixture
async def till(database: Database) -> Till:
    """A till in a shop where no order of another test is old and unpaid."""
    await cancel_unpaid_orders(database, MINUTES)
    return Till(database)


async def aged(database: Database, *orders: Order) -> None:
    statement = text("UPDATE orders SET created_at = now() - interval '61 min' WHERE id = ANY(:ids)")
    async with database.writes.begin() as connection:
        await connection.execute(statement, {"ids": [order.id for order in orders]})


async def test_an_old_unpaid_order_is_cancelled_and_restocked_and_a_young_one_is_not(
    till: Till, bought: Bought, stock_breaks: Callable[[], Awaitable[list[Any]]]
) -> None:
    old, young = await bought(), await bought()
    await aged(till.database, old)
    assert await cancel_unpaid_orders(till.database, MINUTES) == 1
    assert [(await till.look(each)).status for each in (old, young)] == ["CANCELLED", "CONFIRMED"]
    last = (await till.look(old)).history[-1]
    assert (last.actor, last.reason) == ("job:cancel-unpaid", "not paid in time")
    product = old.lines[0].product_id
    assert await read_quantities(till.database, [product], old.store_id) == {product: 3}
    assert await stock_breaks() == []


async def test_what_may_yet_be_paid_stays_and_what_was_paid_in_part_goes_back(till: Till, bought: Bought) -> None:
    authorised, pending, part, unfinished = [await bought() for _ in range(4)]
    await till.pay(authorised, PaymentWanted("cards", captures=False))
    await till.pay(part, PaymentWanted("cards", 1000))
    await till.pay(unfinished, PaymentWanted("cards", method="needs_a_word"))
    till.cards.mood = "away"
    await till.pay(pending)
    till.cards.mood = "well"
    orders = (authorised, pending, part, unfinished)
    await aged(till.database, *orders)
    assert await cancel_unpaid_orders(till.database, MINUTES) == 2
    seen = [await till.settle(each) for each in orders]
    assert [each.status for each in seen] == ["CONFIRMED", "PAID", "CANCELLED", "CANCELLED"]
    assert [each.payments[0].status for each in seen] == ["AUTHORISED", "CAPTURED", "CAPTURED", "VOIDED"]
    assert seen[2].refunded_minor == 1000


async def test_a_payment_that_comes_at_the_same_moment_is_taken_or_goes_back(till: Till, bought: Bought) -> None:
    orders = [await bought() for _ in range(6)]
    await aged(till.database, *orders)
    outcomes = await asyncio.gather(
        *(till.pay(order) for order in orders),
        *(cancel_unpaid_orders(till.database, MINUTES) for _ in range(2)),
        return_exceptions=True,
    )
    assert [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, Conflict)] == []
    seen = [await till.settle(each) for each in orders]
    assert {each.status for each in seen} <= {"PAID", "CANCELLED"}
    assert till.cards.kept == 3000 * sum(each.status == "PAID" for each in seen)
