"""Asks providers again for what they have not answered: lost answers and notices, and what a process left that died.

One task of `aisle jobs`. Asking again moves no money twice, since each row has its own idempotency key at the provider.
"""

import asyncio

from sqlalchemy import TextClause, text

from order_service.database.engine import Database, translated_errors
from order_service.orders.order_changes import Change
from order_service.orders.read_orders import read_order
from order_service.orders.settle_money import ask_how_it_stands, is_in_flight, settle_order
from order_service.payments.providers import Providers
from schemas.ids import OrderId

LEFT_ALONE_S = 60
"""Whoever asked first has at most a few time-outs of a provider; until then the answer is theirs."""

WAITING_MINUTES = 15
"""A payment that waits for its shopper or for staff is asked for so often: its notice may have been lost."""

WAITING_DAYS = 8
"""Authorisations by card end after seven days."""

AT_ONCE = 100
SIDE_BY_SIDE = 8

CHANGE = Change("job:reconcile-payments")

TAKE_PAYMENTS = text("""
UPDATE payments SET updated_at = now() WHERE id IN (
    SELECT id FROM payments WHERE status IN ('PENDING', 'CAPTURING', 'VOIDING')
      AND updated_at < now() - make_interval(secs => :left_alone)
    ORDER BY updated_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING order_id
""")

TAKE_WAITING = text("""
UPDATE payments SET updated_at = now() WHERE id IN (
    SELECT id FROM payments WHERE status IN ('REQUIRES_ACTION', 'AUTHORISED') AND reference IS NOT NULL
      AND updated_at < now() - make_interval(mins => :minutes) AND created_at > now() - make_interval(days => :days)
    ORDER BY updated_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING order_id
""")

TAKE_REFUNDS = text("""
UPDATE refunds SET updated_at = now() WHERE id IN (
    SELECT id FROM refunds WHERE status = 'PENDING' AND updated_at < now() - make_interval(secs => :left_alone)
    ORDER BY updated_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING order_id
""")
"""Taking a row puts it behind all others, so that one which is never answered holds nobody up."""


async def reconcile_payments(database: Database, providers: Providers, left_alone_s: int = LEFT_ALONE_S) -> int:
    """Ask for up to AT_ONCE payments and refunds in flight, the longest first; gives how many orders are settled.

    Commits an answer at a time; blocks for providers' time-outs. Raises Unavailable.
    """
    values = {"left_alone": left_alone_s, "most": AT_ONCE}
    order_ids = {
        *await _take(database, TAKE_PAYMENTS, values),
        *await _take(database, TAKE_REFUNDS, values),
    }
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def settle(order_id: OrderId) -> bool:
        async with turns:
            return not is_in_flight(await settle_order(database, providers, order_id, CHANGE))

    return sum(await asyncio.gather(*map(settle, order_ids)))


async def look_at_waiting_payments(database: Database, providers: Providers, minutes: int = WAITING_MINUTES) -> int:
    """Ask how up to AT_ONCE payments stand that wait for a shopper or for staff; gives how many orders moved.

    Commits and blocks as `reconcile_payments`. Raises Unavailable.
    """
    values = {"minutes": minutes, "days": WAITING_DAYS, "most": AT_ONCE}
    moved = 0
    for order_id in set(await _take(database, TAKE_WAITING, values)):
        before = await read_order(database, order_id)
        await ask_how_it_stands(database, providers, before, CHANGE)
        moved += (await settle_order(database, providers, order_id, CHANGE)).payments != before.payments
    return moved


async def _take(database: Database, statement: TextClause, values: dict[str, int]) -> list[OrderId]:
    async with translated_errors(), database.writes.begin() as connection:
        return list((await connection.execute(statement, values)).scalars().all())
