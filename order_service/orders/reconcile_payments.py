"""Asks providers again for what they have not answered: lost answers, and what a process that died left in flight.

One task of `aisle jobs`. Asking again moves no money twice, since each row has its own idempotency key at the provider.
"""

import asyncio

from sqlalchemy import TextClause, text

from order_service.database.engine import Database, translated_errors
from order_service.orders.order_changes import Change
from order_service.orders.settle_money import is_in_flight, settle_order
from order_service.payments.providers import Providers
from schemas.ids import OrderId

LEFT_ALONE_S = 60
"""Whoever asked first has at most a few time-outs of a provider; until then the answer is theirs."""

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
    order_ids = {
        *await _take(database, TAKE_PAYMENTS, left_alone_s),
        *await _take(database, TAKE_REFUNDS, left_alone_s),
    }
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def settle(order_id: OrderId) -> bool:
        async with turns:
            return not is_in_flight(await settle_order(database, providers, order_id, CHANGE))

    return sum(await asyncio.gather(*map(settle, order_ids)))


async def _take(database: Database, statement: TextClause, left_alone_s: int) -> list[OrderId]:
    values = {"left_alone": left_alone_s, "most": AT_ONCE}
    async with translated_errors(), database.writes.begin() as connection:
        return list((await connection.execute(statement, values)).scalars().all())
