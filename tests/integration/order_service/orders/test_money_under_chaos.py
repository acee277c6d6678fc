"""Everything that can happen to the money of a few orders at once, with a provider that comes and goes.

When it is quiet again every invariant of `aisle verify` holds, and our books say what the provider's say.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import Database
from order_service.errors import Conflict, IdempotencyInProgress, InvalidInput
from order_service.orders.cancel_unpaid_orders import cancel_unpaid_orders
from order_service.orders.money_plan import OVER, PaymentWanted
from order_service.orders.order import Order
from order_service.orders.reconcile_payments import reconcile_payments
from tests.factories.till import Till
from tests.fakes.card_provider import Mood

pytestmark = [pytest.mark.servers, pytest.mark.full]

Bought = Callable[[], Awaitable[Order]]
ROUNDS = 40 if os.environ.get("AISLE_FULL") else 2
SHOPPERS = 6
DEEDS_EACH = 10
MOODS: tuple[Mood, ...] = ("well", "well", "losing answers", "away", "refusing")


def deeds(till: Till, order: Order, chance: random.Random) -> list[Callable[[], Awaitable[Any]]]:
    """What may be done to an order, whether it can take it or not."""
    amount = chance.choice([None, 500, 1000, 3000])
    captures = chance.random() < 0.7
    key = str(chance.randrange(3)) + str(order.id)
    return [
        lambda: till.pay(order, PaymentWanted("cards", amount, captures)),
        lambda: till.pay(order, key=f"pay {key}"),
        lambda: till.refund(order, amount, key=f"refund {key} {amount}"),
        lambda: till.refund(order, amount, by_hand=True),
        lambda: till.take_back(order, (1, 1, captures)),
        lambda: till.move(order, chance.choice(["paid", "shipped", "delivered", "refunded"])),
        lambda: till.move(order, "cancelled"),
        lambda: till.settle(order),
        lambda: reconcile_payments(till.database, till.providers, 0),
        lambda: cancel_unpaid_orders(till.database, 1),
    ]


async def shop(till: Till, orders: list[Order], chance: random.Random) -> None:
    for _ in range(DEEDS_EACH):
        till.cards.mood = chance.choice(MOODS)
        deed = chance.choice(deeds(till, chance.choice(orders), chance))
        with suppress(Conflict, InvalidInput, IdempotencyInProgress):  # the order's state forbids it: an answer too
            await deed()


def kept_by_our_books(order: Order) -> int:
    """What the provider should have of an order's money."""
    taken = sum(payment.captured_minor for payment in order.payments if payment.provider == "cards")
    back = [refund for refund in order.refunds if (refund.provider, refund.status) == ("cards", "SUCCEEDED")]
    return taken - sum(refund.amount_minor for refund in back)


async def hand_back(till: Till, order: Order) -> Order:
    """Do what is left to staff: hand back what the provider refused to pay back."""
    held = sum(payment.refundable_minor for payment in order.payments)
    surplus = held if order.status in OVER else held - order.total_minor
    if surplus > 0:
        await till.refund(order, surplus, by_hand=True)
    return await till.look(order)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_when_it_is_quiet_again_the_books_agree(database: Database, bought: Bought, seed: int) -> None:
    till, chance = Till(database), random.Random(seed)  # noqa: S311 - a draw that can be repeated
    orders = [await bought() for _ in range(3)]
    await asyncio.gather(*(shop(till, orders, random.Random(chance.random())) for _ in range(SHOPPERS)))  # noqa: S311 - likewise
    till.cards.mood = "well"
    seen = [await hand_back(till, await till.settle(each)) for each in orders]
    assert till.cards.kept == sum(map(kept_by_our_books, seen))
    ids = {str(order.id) for order in orders}
    assert [each for each in await verify_tables(database) if str(each.row.get("order_id")) in ids] == []
