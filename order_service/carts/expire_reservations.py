"""Gives back what carts hold beyond its time, and closes carts that nobody touched; tasks of `aisle jobs`.

Carts that somebody works with are skipped: their owner renews them, or the next run finds them. Every transaction locks
as all others do: carts by id, levels by (store, product), products by id.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import TextClause, text

from order_service.carts.close_cart import close_carts
from order_service.carts.release_stock import LOCK_HELD, release_stock
from order_service.catalog.mark_changed import mark_changed
from order_service.database.engine import Database
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import CartId, ProductId

AT_ONCE = 100
"""Carts of one transaction, so that no lock is held for long."""

LOCK_DUE = text("""
SELECT id FROM carts
WHERE id IN (SELECT cart_id FROM reservations WHERE expires_at <= now() ORDER BY expires_at LIMIT :most)
ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")

EXPIRE = text("""
WITH gone AS (
    DELETE FROM reservations WHERE cart_id = ANY(CAST(:carts AS uuid[])) AND expires_at <= now()
    RETURNING store_id, product_id, quantity, expires_at
), lowered AS (
    UPDATE stock_levels s SET reserved = s.reserved - g.quantity
    FROM (SELECT store_id, product_id, sum(quantity) AS quantity FROM gone GROUP BY 1, 2) g
    WHERE s.store_id = g.store_id AND s.product_id = g.product_id
    RETURNING s.store_id, s.product_id, s.on_hand - s.reserved = g.quantity AS was_sold_out
)
SELECT product_id, l.was_sold_out, extract(epoch FROM clock_timestamp() - g.expires_at) AS late_s
FROM gone g JOIN lowered l USING (store_id, product_id)
""")

LOCK_IDLE = text("""
SELECT id FROM carts
WHERE id IN (
    SELECT id FROM carts WHERE status = 'OPEN' AND active_at <= now() - make_interval(mins => :minutes)
    ORDER BY active_at LIMIT :most
) AND status = 'OPEN' AND active_at <= now() - make_interval(mins => :minutes)
ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")


async def expire_reservations(database: Database, observe_lag: Callable[[float], None] = lambda _: None) -> int:
    """Release every reservation whose time is over and say how many; commits AT_ONCE carts at a time.

    `observe_lag` is told of each how many seconds late it went. Raises Unavailable.
    """
    expired = 0
    while True:
        carts, lags = await in_unit_of_work(database, _expire_some)
        for lag_s in lags:
            observe_lag(lag_s)
        expired += len(lags)
        if carts < AT_ONCE:
            return expired


async def _expire_some(unit: UnitOfWork) -> tuple[int, list[float]]:
    carts = await _locked(unit, LOCK_DUE)
    if not carts:
        return 0, []
    await unit.connection.execute(LOCK_HELD, {"carts": carts})
    rows = (await unit.connection.execute(EXPIRE, {"carts": carts})).all()
    back = {ProductId(row.product_id) for row in rows if row.was_sold_out}
    await mark_changed(unit.connection, sorted(back), None)
    return len(carts), [float(row.late_s) for row in rows]


async def abandon_stale_carts(database: Database, idle_minutes: int) -> int:
    """Close every open cart that nobody changed for so long, give back what it holds, and say how many.

    Commits AT_ONCE carts at a time. Raises Unavailable.
    """

    async def abandon_some(unit: UnitOfWork) -> int:
        carts = await _locked(unit, LOCK_IDLE, minutes=idle_minutes)
        if carts:
            await release_stock(unit.connection, carts, None)
            await close_carts(unit.connection, carts, "ABANDONED")
        return len(carts)

    abandoned = 0
    while True:
        carts = await in_unit_of_work(database, abandon_some)
        abandoned += carts
        if carts < AT_ONCE:
            return abandoned


async def _locked(unit: UnitOfWork, statement: TextClause, **values: int) -> Sequence[CartId]:
    return list((await unit.connection.execute(statement, {"most": AT_ONCE, **values})).scalars())
