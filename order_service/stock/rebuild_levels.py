"""Makes the counters of stock levels anew from ledger and reservations; called by `aisle stock rebuild`."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import text

from order_service.catalog.mark_changed import mark_changed
from order_service.database.engine import Database, translated_errors
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId, StoreId

AT_ONCE = 500
"""Levels of one transaction."""

DIFFERING: Final = text("""
WITH ledger AS (
    SELECT store_id, product_id, sum(quantity) AS on_hand,
           coalesce(sum(quantity) FILTER (WHERE kind = 'received'), 0) AS received,
           coalesce(sum(quantity) FILTER (WHERE kind = 'adjusted'), 0) AS adjusted,
           coalesce(-sum(quantity) FILTER (WHERE kind = 'sold'), 0) AS sold,
           coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0) AS returned
    FROM stock_movements GROUP BY store_id, product_id
), held AS (
    SELECT store_id, product_id, sum(quantity) AS reserved FROM reservations GROUP BY store_id, product_id
)
SELECT l.store_id, l.product_id, l.on_hand, coalesce(m.on_hand, 0) AS in_ledger, l.reserved,
       coalesce(h.reserved, 0) AS held
FROM stock_levels l LEFT JOIN ledger m USING (store_id, product_id) LEFT JOIN held h USING (store_id, product_id)
WHERE (l.on_hand, l.received, l.adjusted, l.sold, l.returned, l.reserved) IS DISTINCT FROM
      (coalesce(m.on_hand, 0), coalesce(m.received, 0), coalesce(m.adjusted, 0), coalesce(m.sold, 0),
       coalesce(m.returned, 0), coalesce(h.reserved, 0))
ORDER BY l.store_id, l.product_id
""")

LOCK: Final = text("""
SELECT l.store_id, l.product_id FROM stock_levels l
JOIN unnest(CAST(:stores AS bigint[]), CAST(:products AS bigint[])) AS w (store_id, product_id)
    USING (store_id, product_id)
ORDER BY l.store_id, l.product_id FOR NO KEY UPDATE OF l
""")

WRITE: Final = text("""
WITH ledger AS (
    SELECT m.store_id, m.product_id, sum(quantity) AS on_hand,
           coalesce(sum(quantity) FILTER (WHERE kind = 'received'), 0) AS received,
           coalesce(sum(quantity) FILTER (WHERE kind = 'adjusted'), 0) AS adjusted,
           coalesce(-sum(quantity) FILTER (WHERE kind = 'sold'), 0) AS sold,
           coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0) AS returned
    FROM stock_movements m
    JOIN unnest(CAST(:stores AS bigint[]), CAST(:products AS bigint[])) AS w (store_id, product_id)
        USING (store_id, product_id)
    GROUP BY m.store_id, m.product_id
), told AS (
    SELECT store_id, product_id, coalesce(m.on_hand, 0) AS on_hand, coalesce(m.received, 0) AS received,
           coalesce(m.adjusted, 0) AS adjusted, coalesce(m.sold, 0) AS sold, coalesce(m.returned, 0) AS returned,
           (SELECT coalesce(sum(quantity), 0) FROM reservations r
            WHERE r.store_id = w.store_id AND r.product_id = w.product_id) AS reserved
    FROM unnest(CAST(:stores AS bigint[]), CAST(:products AS bigint[])) AS w (store_id, product_id)
    LEFT JOIN ledger m USING (store_id, product_id)
)
UPDATE stock_levels l SET on_hand = t.on_hand, received = t.received, adjusted = t.adjusted, sold = t.sold,
                          returned = t.returned, reserved = t.reserved
FROM told t WHERE l.store_id = t.store_id AND l.product_id = t.product_id AND t.on_hand >= t.reserved
RETURNING l.store_id, l.product_id
""")
"""A statement of its own after LOCK: its snapshot begins under the locks, so no movement or reservation is missed."""


class Differing(NamedTuple):
    """A level whose counters are not the sums of its rows; `in_ledger` and `held` are what the rows come to."""

    store_id: StoreId
    product_id: ProductId
    on_hand: int
    in_ledger: int
    reserved: int
    held: int


async def differing_levels(database: Database) -> list[Differing]:
    """Give every level that differs, in one consistent look at ledger and levels; raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        return [Differing(*row) for row in await connection.execute(DIFFERING)]


async def rebuild_levels(database: Database, differing: Sequence[Differing]) -> list[Differing]:
    """Set the counters of these levels to what their rows say; commits 500 at a time and marks the products.

    Gives those that were left: carts hold more there than the ledger says is on hand. Raises Unavailable.
    """
    left: list[Differing] = []
    for start in range(0, len(differing), AT_ONCE):
        left += await _rebuild(database, differing[start : start + AT_ONCE])
    return left


async def _rebuild(database: Database, levels: Sequence[Differing]) -> list[Differing]:
    values = {"stores": [each.store_id for each in levels], "products": [each.product_id for each in levels]}

    async def work(unit: UnitOfWork) -> set[tuple[int, int]]:
        await unit.connection.execute(LOCK, values)
        written = {(row.store_id, row.product_id) for row in await unit.connection.execute(WRITE, values)}
        await mark_changed(unit.connection, sorted({ProductId(product) for _, product in written}), None)
        return written

    written = await in_unit_of_work(database, work)
    return [each for each in levels if (each.store_id, each.product_id) not in written]
