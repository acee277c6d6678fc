"""What providers left unanswered is asked for again by the job, and the money moves once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from order_service.database.engine import Database
from order_service.orders.money_plan import PaymentWanted
from order_service.orders.order import Order
from order_service.orders.reconcile_payments import look_at_waiting_payments, reconcile_payments
from order_service.payments.providers import Providers
from tests.factories.till import Till

pytestmark = pytest.mark.servers

Bought = Callable[[], Awaitable[Order]]
AT_ONCE = 0
"""Seconds for which whoever asked first is left alone."""


@pytest.fixture
def till(database: Database) -> Till:
    return Till(database)


async def test_lost_payments_and_refunds_are_found_out_once(till: Till, bought: Bought) -> None:
    paying, refunding = await bought(), await bought()
    await till.pay(refunding)
    till.cards.mood = "losing answers"
    await till.pay(paying)
    await till.refund(refunding, 1000)
    till.cards.mood = "well"
    await asyncio.gather(*(reconcile_payments(till.database, till.providers, AT_ONCE) for _ in range(3)))
    seen = [await till.look(each) for each in (paying, refunding)]
    assert [(each.status, each.captured_minor, each.refunded_minor) for each in seen] == [
        ("PAID", 3000, 0), ("PAID", 3000, 1000),
    ]  # fmt: skip
    assert till.cards.kept == 5000


async def test_a_payment_whose_notice_was_lost_is_found_out(till: Till, bought: Bought) -> None:
    confirmed, waiting = await bought(), await bought()
    unfinished = PaymentWanted("cards", method="needs_a_word")
    [payment] = (await till.pay(confirmed, unfinished)).payments
    await till.pay(waiting, unfinished)
    till.cards.moved[payment.id] = 3000
    assert await look_at_waiting_payments(till.database, till.providers) == 0
    assert await look_at_waiting_payments(till.database, till.providers, AT_ONCE) == 1
    seen = [await till.look(each) for each in (confirmed, waiting)]
    assert [each.payments[0].status for each in seen] == ["CAPTURED", "REQUIRES_ACTION"]
    assert seen[0].status == "PAID"


async def test_a_fresh_question_is_left_to_whoever_asked_it(till: Till, bought: Bought) -> None:
    order = await bought()
    till.cards.mood = "away"
    await till.pay(order)
    till.cards.mood = "well"
    await reconcile_payments(till.database, till.providers)
    assert (await till.look(order)).payments[0].status == "PENDING"


async def test_a_provider_that_was_turned_off_holds_up_nobody(till: Till, bought: Bought) -> None:
    stuck, lost = await bought(), await bought()
    till.cards.mood = "away"
    await till.pay(stuck)
    await reconcile_payments(till.database, Providers([]), AT_ONCE)
    assert (await till.look(stuck)).payments[0].status == "PENDING"
    await till.pay(lost)
    till.cards.mood = "well"
    assert await reconcile_payments(till.database, till.providers, AT_ONCE) >= 2
    assert [(await till.look(each)).status for each in (stuck, lost)] == ["PAID", "PAID"]
