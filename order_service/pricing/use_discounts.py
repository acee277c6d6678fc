"""Uses of discount codes: locked, taken and given back in the transaction of the order; called by `orders`.

A code's row is locked before stock (`docs/explanation/database.md`), and uses per customer are counted by a statement
of their own after that: one that waits for a lock sees other tables as they were before it waited.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.pricing.discount import Discount
from order_service.pricing.discount_terms import DiscountTerms, LockedDiscount
from schemas.ids import OrderId

LOCK = text("""
WITH locked AS MATERIALIZED (
    SELECT * FROM discount_codes WHERE code = ANY(CAST(:codes AS text[])) ORDER BY id FOR NO KEY UPDATE
)
SELECT id, code, kind, ppm, amount_minor, product_ids, min_items_minor, is_active, valid_from, valid_until, max_uses,
       max_uses_per_customer, uses
FROM locked
""")

COUNT_BY_CUSTOMER = text("""
SELECT discount_id, customer, count(*) AS uses FROM discount_uses
WHERE discount_id = ANY(CAST(:ids AS bigint[])) AND customer = ANY(CAST(:customers AS text[])) AND given_back_at IS NULL
GROUP BY 1, 2
""")

TAKE = text("""
WITH taken AS (
    INSERT INTO discount_uses (order_id, discount_id, customer)
    SELECT * FROM unnest(CAST(:orders AS uuid[]), CAST(:ids AS bigint[]), CAST(:customers AS text[]))
    RETURNING discount_id
)
UPDATE discount_codes d SET uses = d.uses + t.uses
FROM (SELECT discount_id, count(*) AS uses FROM taken GROUP BY 1) t WHERE d.id = t.discount_id
""")

GIVE_BACK = text("""
WITH used AS MATERIALIZED (
    SELECT d.id FROM discount_codes d JOIN discount_uses u ON u.discount_id = d.id
    WHERE u.order_id = :order_id AND u.given_back_at IS NULL FOR NO KEY UPDATE OF d
), returned AS (
    UPDATE discount_uses SET given_back_at = now() WHERE order_id = :order_id AND given_back_at IS NULL
)
UPDATE discount_codes SET uses = uses - 1 WHERE id IN (SELECT id FROM used)
""")


class DiscountUse(NamedTuple):
    """An order that uses a code, and on whose account."""

    order_id: OrderId
    discount_id: int
    customer: str


async def lock_discounts(
    connection: AsyncConnection, codes: Collection[str], customers: Collection[str]
) -> dict[str, LockedDiscount]:
    """Lock the codes by id and give each that exists with its uses so far, in all and by these customers.

    `codes` are in the stored form. Blocks while another transaction holds one of them.
    """
    if not codes:
        return {}
    rows = (await connection.execute(LOCK, {"codes": list(codes)})).all()
    used_by: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    limited = [row.id for row in rows if row.max_uses_per_customer is not None]
    if limited:
        counted = await connection.execute(COUNT_BY_CUSTOMER, {"ids": limited, "customers": list(customers)})
        for count in counted:
            used_by[count.discount_id][count.customer] = count.uses
    return {row.code: _locked(row, used_by[row.id]) for row in rows}


async def take_uses(connection: AsyncConnection, uses: Sequence[DiscountUse]) -> None:
    """Record the uses of confirmed orders, which are written already; the codes are locked by this transaction."""
    if uses:
        values: dict[str, Any] = {
            "orders": [use.order_id for use in uses],
            "ids": [use.discount_id for use in uses],
            "customers": [use.customer for use in uses],
        }
        await connection.execute(TAKE, values)


async def give_use_back(connection: AsyncConnection, order_id: OrderId) -> None:
    """Let the use that a cancelled order made be used again; once, as the caller holds the order's lock."""
    await connection.execute(GIVE_BACK, {"order_id": order_id})


def _locked(row: Row[Any], used_by: dict[str, int]) -> LockedDiscount:
    discount = Discount(row.code, row.kind, row.ppm, row.amount_minor, row.product_ids, row.min_items_minor)
    terms = DiscountTerms(row.is_active, row.valid_from, row.valid_until, row.max_uses, row.max_uses_per_customer)
    return LockedDiscount(row.id, discount, terms, row.uses, used_by)
