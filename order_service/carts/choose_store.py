"""Choosing the store that a cart is held in and sold from; called by changes of carts and by checkout."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ids import CartId, ProductId, StoreId

CHOOSE = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS bigint[]), CAST(:required AS boolean[]))
        AS w (product_id, quantity, required)
), own AS (
    SELECT store_id, product_id, sum(quantity) AS quantity FROM reservations
    WHERE cart_id = ANY(CAST(:carts AS uuid[])) GROUP BY 1, 2
), served AS (
    SELECT l.store_id, w.required, w.quantity, l.on_hand - l.reserved + coalesce(o.quantity, 0) AS free
    FROM wanted w JOIN stock_levels l USING (product_id) JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
    LEFT JOIN own o USING (store_id, product_id)
    WHERE CAST(:store_id AS bigint) IS NULL OR l.store_id = :store_id
)
SELECT store_id, count(*) FILTER (WHERE required AND free >= quantity) AS required FROM served GROUP BY store_id
ORDER BY 2 DESC, count(*) FILTER (WHERE free >= quantity) DESC, sum(least(free, quantity)) DESC, store_id LIMIT 1
""")


class WantedLine(NamedTuple):
    """So many of one product; a line that is not `required` is held where that is possible."""

    product_id: ProductId
    quantity: int
    required: bool = True


class ChosenStore(NamedTuple):
    """A store, and whether it served every required line when it was chosen."""

    store_id: StoreId | None
    promised: bool


async def choose_store(
    connection: AsyncConnection, carts: Sequence[CartId], lines: Sequence[WantedLine], asked: StoreId | None = None
) -> ChosenStore:
    """Choose the store that serves most of the lines, the required ones first; or look at the store `asked`.

    Among equals it is the one that comes nearest to serving the rest, then the lowest id: the lowest-id store that can
    serve all lines, if there is one. What the carts themselves hold counts as free. Read without locks: who locks
    afterwards looks again.
    """
    values = {
        "products": [line.product_id for line in lines],
        "quantities": [line.quantity for line in lines],
        "required": [line.required for line in lines],
        "carts": list(carts),
        "store_id": asked,
    }
    row = (await connection.execute(CHOOSE, values)).one_or_none()
    if row is None:
        return ChosenStore(asked, promised=False)
    return ChosenStore(StoreId(row.store_id), promised=row.required == sum(line.required for line in lines))
