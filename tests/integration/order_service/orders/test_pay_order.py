"""Payments and refunds on real Postgres: never above what is owed or captured, once per key, whatever gets lost."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from order_service.database.engine import Database
from order_service.database.migrate import alembic_config
from order_service.errors import Conflict, IdempotencyKeyReused, InvalidInput
from order_service.orders.change_money import Asked, MoneyChanged
from order_service.orders.money_plan import PaymentWanted
from order_service.orders.order import Order
from order_service.orders.pay_order import capture_payment, void_payment
from order_service.orders.settle_money import enter_payment_answer
from order_service.payments.payment import PaymentAnswer
from tests.factories.ledger import rows
from tests.factories.till import CHANGE, Till

pytestmark = pytest.mark.servers

Bought = Callable[[], Awaitable[Order]]
Breaks = Callable[[], Awaitable[list[Any]]]


@pytest.fixture
def till(database: Database) -> Till:
    return Till(database)


async def events(database: Database, order: Order) -> list[tuple[Any, ...]]:
    statement = "SELECT sequence, split_part(type, '.', 3) FROM outbox WHERE aggregateid = :id ORDER BY sequence"
    return await rows(database, statement, id=str(order.id))


async def test_an_order_that_is_paid_in_full_is_paid(till: Till, bought: Bought) -> None:
    order = await bought()
    paid = await till.pay(order)
    assert [(each.status, each.captured_minor) for each in paid.payments] == [("CAPTURED", 3000)]
    seen = await till.look(order)
    assert (seen.status, seen.captured_minor, seen.history[-1].actor) == ("PAID", 3000, "staff:1")
    assert await events(till.database, order) == [(1, "confirmed"), (2, "paid")]
    with pytest.raises(Conflict, match="PAID takes no payment"):
        await till.pay(order)


async def test_parts_add_up_and_never_come_to_more_than_the_total(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order, PaymentWanted("cards", 1000))
    assert (await till.look(order)).status == "CONFIRMED"
    with pytest.raises(Conflict, match=r"20\.00 USD of it can still be paid"):
        await till.pay(order, PaymentWanted("cards", 2001))
    await till.pay(order, PaymentWanted("cards", 2000))
    assert (await till.look(order)).status == "PAID"
    assert [name for _, name in await events(till.database, order)] == ["confirmed", "payment_captured", "paid"]


async def test_payments_at_once_take_the_money_once(till: Till, bought: Bought) -> None:
    order = await bought()
    outcomes = await asyncio.gather(*(till.pay(order) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(each, MoneyChanged) for each in outcomes) == 1
    assert all(isinstance(each, MoneyChanged | Conflict) for each in outcomes)
    assert till.cards.kept == 3000


async def test_one_key_is_one_payment_however_often_it_is_sent(till: Till, bought: Bought) -> None:
    order, key = await bought(), str(uuid.uuid4())
    outcomes = await asyncio.gather(*(till.pay(order, key=key) for _ in range(8)))
    assert len({each.payments[0].id for each in outcomes}) == 1
    assert {each.payments[0].status for each in outcomes} == {"CAPTURED"}
    assert (till.cards.kept, len((await till.look(order)).payments)) == (3000, 1)
    await till.refund(order, 500)
    again = await till.pay(order, key=key)
    assert (again.replayed, again.payments[0].refunded_minor) == (True, 0)
    with pytest.raises(IdempotencyKeyReused):
        await till.pay(order, PaymentWanted("cards", 1), key)


async def test_a_refusal_is_kept_under_its_key(till: Till, bought: Bought) -> None:
    order, key = await bought(), str(uuid.uuid4())
    wanted = PaymentWanted("cards", 3001)
    with pytest.raises(Conflict):
        await till.pay(order, wanted, key)
    async with till.database.writes.begin() as connection:
        await connection.execute(
            text("UPDATE orders SET total_minor = 4000, shipping_minor = 1000 WHERE id = :id"), {"id": order.id}
        )
    with pytest.raises(Conflict, match=r"30\.00 USD of it can still be paid"):
        await till.pay(order, wanted, key)


async def test_a_lost_answer_is_asked_for_again_and_the_money_moves_once(till: Till, bought: Bought) -> None:
    order, key = await bought(), str(uuid.uuid4())
    till.cards.mood = "losing answers"
    assert (await till.pay(order, key=key)).is_under_way
    with pytest.raises(Conflict, match=r"0\.00 USD"):
        await till.pay(order)
    assert (await till.look(order)).status == "CONFIRMED"
    till.cards.mood = "well"
    found = await till.pay(order, key=key)
    assert (found.payments[0].status, found.replayed) == ("CAPTURED", False)
    assert (till.cards.kept, (await till.look(order)).status) == (3000, "PAID")
    assert (await till.pay(order, key=key)).replayed


async def test_a_process_that_dies_while_a_provider_is_asked_leaves_a_payment_that_can_be_finished(
    till: Till, bought: Bought, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, key = await bought(), str(uuid.uuid4())
    asked = asyncio.Event()

    async def never(_: object) -> PaymentAnswer:
        asked.set()
        return await asyncio.Future()

    monkeypatch.setattr(till.cards, "authorise", never)
    dying = asyncio.ensure_future(till.pay(order, key=key))
    await asyncio.wait_for(asked.wait(), 5)
    dying.cancel()
    await asyncio.wait([dying])
    monkeypatch.undo()
    assert [each.status for each in (await till.look(order)).payments] == ["PENDING"]
    assert (await till.pay(order, key=key)).payments[0].status == "CAPTURED"
    assert till.cards.kept == 3000


async def test_a_declined_payment_is_on_record_and_another_may_follow(till: Till, bought: Bought) -> None:
    order = await bought()
    till.cards.mood = "refusing"
    declined = await till.pay(order)
    assert [(each.status, each.failure) for each in declined.payments] == [("FAILED", "card declined")]
    till.cards.mood = "well"
    await till.pay(order)
    assert [each.status for each in (await till.look(order)).payments] == ["FAILED", "CAPTURED"]


async def test_an_authorised_payment_is_captured_or_given_up_once(till: Till, bought: Bought) -> None:
    order = await bought()
    [payment] = (await till.pay(order, PaymentWanted("cards", captures=False))).payments
    assert (payment.status, till.cards.kept) == ("AUTHORISED", 0)
    asked = Asked(order.id, CHANGE)
    outcomes = await asyncio.gather(
        *(use(till.database, till.providers, asked, payment.id) for use in (capture_payment, void_payment) * 3),
        return_exceptions=True,
    )
    assert sum(isinstance(each, MoneyChanged) for each in outcomes) == 1
    seen = await till.look(order)
    assert (seen.payments[0].status, till.cards.kept) in {("CAPTURED", 3000), ("VOIDED", 0)}
    assert seen.status == ("PAID" if till.cards.kept else "CONFIRMED")


async def test_refunds_at_once_never_pay_back_more_than_was_captured(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order)
    outcomes = await asyncio.gather(*(till.refund(order, 1100) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(each, MoneyChanged) for each in outcomes) == 2
    assert till.cards.kept == 800
    assert (await till.look(order)).status == "PAID"
    await till.refund(order)
    assert ((await till.look(order)).status, till.cards.kept) == ("REFUNDED", 0)
    names = [name for _, name in await events(till.database, order)]
    assert names == ["confirmed", "paid", "refund_made", "refund_made", "refunded"]
    with pytest.raises(Conflict, match=r"0\.00 USD of it can be paid back"):
        await till.refund(order, 1)


async def test_a_refund_takes_from_the_oldest_payment_first(till: Till, bought: Bought) -> None:
    order = await bought()
    for amount in (1000, 2000):
        await till.pay(order, PaymentWanted("cards", amount))
    assert [each.amount_minor for each in (await till.refund(order, 1500)).refunds] == [1000, 500]


async def test_a_lost_refund_is_not_made_twice(till: Till, bought: Bought) -> None:
    order, key = await bought(), str(uuid.uuid4())
    await till.pay(order)
    till.cards.mood = "losing answers"
    assert (await till.refund(order, 2000, key)).is_under_way
    with pytest.raises(Conflict, match=r"10\.00 USD"):
        await till.refund(order, 2000)
    till.cards.mood = "well"
    again = await till.refund(order, 2000, key)
    assert ([each.status for each in again.refunds], till.cards.kept) == (["SUCCEEDED"], 1000)


async def test_a_refund_that_fails_frees_its_amount_and_can_be_made_by_hand(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order)
    till.cards.mood = "refusing"
    failed = await till.refund(order)
    assert [(each.status, each.failure) for each in failed.refunds] == [("FAILED", "account closed")]
    assert (await till.look(order)).status == "PAID"
    by_hand = await till.refund(order, by_hand=True)
    assert [(each.status, each.provider) for each in by_hand.refunds] == [("SUCCEEDED", "manual")]
    assert (await till.look(order)).status == "REFUNDED"
    assert [name for _, name in await events(till.database, order)] == [
        "confirmed",
        "paid",
        "refund_failed",
        "refunded",
    ]


async def test_a_cancelled_order_that_was_paid_is_paid_back(till: Till, bought: Bought, stock_breaks: Breaks) -> None:
    order = await bought()
    await till.pay(order, PaymentWanted("cards", 1000))
    await till.pay(order, PaymentWanted("cards", 2000, captures=False))
    cancelled = await till.move(order, "cancelled")
    assert (cancelled.status, cancelled.refunded_minor, till.cards.kept) == ("CANCELLED", 1000, 0)
    assert [each.status for each in cancelled.payments] == ["CAPTURED", "VOIDED"]
    assert await stock_breaks() == []


async def test_a_cancel_does_not_wait_for_a_provider_that_is_away(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order)
    till.cards.mood = "away"
    assert (await till.move(order, "cancelled")).status == "CANCELLED"
    assert till.cards.kept == 3000
    till.cards.mood = "well"
    assert ((await till.settle(order)).refunded_minor, till.cards.kept) == (3000, 0)


async def test_money_that_comes_in_for_a_cancelled_order_goes_back(till: Till, bought: Bought) -> None:
    order = await bought()
    till.cards.mood = "losing answers"
    await till.pay(order, PaymentWanted("cards", 1000))
    await till.pay(order, PaymentWanted("cards", 2000, captures=False))
    assert (await till.move(order, "cancelled")).status == "CANCELLED"
    till.cards.mood = "well"
    seen = await till.settle(order)
    assert [each.status for each in seen.payments] == ["CAPTURED", "VOIDED"]
    assert (till.cards.kept, len(till.cards.voided), seen.status) == (0, 1, "CANCELLED")


async def test_an_answer_that_comes_twice_or_late_changes_nothing(till: Till, bought: Bought) -> None:
    order = await bought()
    [payment] = (await till.pay(order, PaymentWanted("cards", method="needs_a_word"))).payments
    assert (payment.status, payment.client_secret) == ("REQUIRES_ACTION", f"secret-{payment.id}")
    captured = PaymentAnswer("CAPTURED", payment.reference, 3000)
    enter = partial(enter_payment_answer, till.database, order.id, payment)
    await asyncio.gather(*(enter(captured, CHANGE) for _ in range(5)))
    for late in (PaymentAnswer("AUTHORISED"), PaymentAnswer("FAILED", failure="x"), PaymentAnswer("VOIDED")):
        await enter(late, CHANGE)
    seen = await till.look(order)
    assert (seen.status, seen.payments[0].status) == ("PAID", "CAPTURED")
    assert await events(till.database, order) == [(1, "confirmed"), (2, "paid")]


async def test_of_two_payments_that_both_come_in_the_second_goes_back(till: Till, bought: Bought) -> None:
    order = await bought()
    [waiting] = (await till.pay(order, PaymentWanted("cards", method="needs_a_word"))).payments
    await till.pay(order)
    till.cards.moved[waiting.id] = 3000
    await enter_payment_answer(till.database, order.id, waiting, PaymentAnswer("CAPTURED", None, 3000), CHANGE)
    seen = await till.settle(order)
    assert (seen.status, seen.captured_minor, seen.refunded_minor, till.cards.kept) == ("PAID", 6000, 3000, 3000)


async def test_staff_moves_record_what_was_taken_and_handed_back_outside(till: Till, bought: Bought) -> None:
    order = await bought()
    paid = await till.move(order, "paid")
    assert [(each.provider, each.captured_minor, each.actor) for each in paid.payments] == [("manual", 3000, "staff:1")]
    refunded = await till.move(order, "refunded")
    assert [(each.provider, each.status, each.amount_minor) for each in refunded.refunds] == [
        ("manual", "SUCCEEDED", 3000)
    ]
    assert (refunded.status, till.cards.asked) == ("REFUNDED", {})


async def test_staff_cannot_call_paid_what_a_provider_is_still_deciding(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order, PaymentWanted("cards", captures=False))
    with pytest.raises(Conflict, match="capture or void that first"):
        await till.move(order, "paid")


async def test_shoppers_cannot_say_that_they_paid_in_cash(till: Till, bought: Bought) -> None:
    with pytest.raises(InvalidInput, match="provider: is not one of cards"):
        await till.pay(await bought(), PaymentWanted("manual"))


@pytest.mark.parametrize("change", ["refunded_minor = captured_minor + 1", "captured_minor = amount_minor + 1"])
async def test_money_that_is_not_there_cannot_be_committed(till: Till, bought: Bought, change: str) -> None:
    await till.pay(await bought())
    with pytest.raises(IntegrityError):
        async with till.database.writes.begin() as connection:
            await connection.execute(text(f"UPDATE payments SET {change}"))  # noqa: S608 - two constants


async def test_the_migration_enters_what_earlier_moves_meant(till: Till, bought: Bought) -> None:
    orders = [await bought() for _ in range(2)]
    await till.move(orders[0], "paid")
    await till.move(orders[1], "paid")
    await till.move(orders[1], "refunded")
    statements = ScriptDirectory.from_config(alembic_config()).get_revision("0007").module.EARLIER_ORDERS
    found = text("""
    SELECT p.status, p.captured_minor, r.status, coalesce(r.amount_minor, 0)
    FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
    WHERE p.order_id = ANY(:ids) ORDER BY p.order_id
    """)
    async with till.database.writes.connect() as connection:  # rolled back at the end
        await connection.execute(text("TRUNCATE refunds, payments"))
        for statement in statements.split(";\n\n"):
            await connection.execute(text(statement))
        entered = await connection.execute(found, {"ids": [order.id for order in orders]})
        assert [tuple(row) for row in entered] == [("CAPTURED", 3000, None, 0), ("CAPTURED", 3000, "SUCCEEDED", 3000)]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_what_was_paid_back_before_can_be_paid_again(till: Till, bought: Bought, times: int) -> None:
    order = await bought()
    for _ in range(times):
        await till.pay(order, PaymentWanted("cards", 2000))
        await till.refund(order, 2000)
    await till.pay(order)
    seen = await till.look(order)
    assert (seen.status, seen.captured_minor - seen.refunded_minor) == ("PAID", 3000)


async def test_a_shipped_order_that_was_paid_back_in_part_takes_that_part_again(till: Till, bought: Bought) -> None:
    order = await bought()
    await till.pay(order)
    await till.move(order, "shipped")
    await till.refund(order, 1000)
    await till.pay(order)
    seen = await till.look(order)
    assert (seen.status, seen.captured_minor, seen.refunded_minor) == ("SHIPPED", 4000, 1000)
