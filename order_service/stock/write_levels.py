"""Brings stock levels to given quantities, set-based, with their ledger rows; called by set_level and the import.

Rows are locked in (store_id, product_id) order, as everywhere; products are marked afterwards by the caller.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from schemas.ids import ProductId, StoreId


class WantedLevel(NamedTuple):
    """What is to be on hand, in pieces; a list of them names each (store, product) once."""

    store_id: StoreId
    product_id: ProductId
    quantity: int


class LevelVerdict(NamedTuple):
    """What became of a level that did not have its quantity yet.

    `refused`: the quantity is below what is reserved, nothing was written; `flipped`: the product came into
    stock in this store, or went out of it.
    """

    store_id: StoreId
    product_id: ProductId
    created: bool
    refused: bool
    flipped: bool


RECEIVE: Final = text(
    """
    WITH wanted AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:store_ids AS bigint[]), CAST(:product_ids AS bigint[]), CAST(:quantities AS bigint[])
        ) AS wanted (store_id, product_id, quantity)
    ), created AS (
        INSERT INTO stock_levels (store_id, product_id, on_hand, received)
        SELECT w.store_id, w.product_id, w.quantity, w.quantity FROM wanted w
        ORDER BY w.store_id, w.product_id
        ON CONFLICT (store_id, product_id) DO NOTHING
        RETURNING store_id, product_id, on_hand
    ), ledger AS (
        INSERT INTO stock_movements (store_id, product_id, kind, quantity, reason, actor)
        SELECT store_id, product_id, 'received', on_hand, :reason, :actor FROM created WHERE on_hand > 0
    )
    SELECT store_id, product_id, true AS created, false AS refused, on_hand > 0 AS flipped FROM created
    """
)
SET: Final = text(
    """
    WITH wanted AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:store_ids AS bigint[]), CAST(:product_ids AS bigint[]), CAST(:quantities AS bigint[])
        ) AS wanted (store_id, product_id, quantity)
    ), locked AS MATERIALIZED (
        SELECT l.store_id, l.product_id, l.on_hand, l.reserved, w.quantity,
            l.received = 0 AND l.adjusted = 0 AS first_stock
        FROM stock_levels l JOIN wanted w ON w.store_id = l.store_id AND w.product_id = l.product_id
        WHERE l.on_hand <> w.quantity
        ORDER BY l.store_id, l.product_id FOR NO KEY UPDATE OF l
    ), applied AS (
        UPDATE stock_levels l SET on_hand = k.quantity,
            received = l.received + CASE WHEN k.first_stock THEN k.quantity - k.on_hand ELSE 0 END,
            adjusted = l.adjusted + CASE WHEN k.first_stock THEN 0 ELSE k.quantity - k.on_hand END
        FROM locked k
        WHERE l.store_id = k.store_id AND l.product_id = k.product_id AND k.quantity >= k.reserved
    ), ledger AS (
        INSERT INTO stock_movements (store_id, product_id, kind, quantity, reason, actor)
        SELECT store_id, product_id, CASE WHEN first_stock THEN 'received' ELSE 'adjusted' END,
            quantity - on_hand, :reason, :actor
        FROM locked WHERE quantity >= reserved
    )
    SELECT store_id, product_id, false AS created, quantity < reserved AS refused,
        quantity >= reserved AND (on_hand > reserved) <> (quantity > reserved) AS flipped
    FROM locked
    """
)


async def receive_missing(
    connection: AsyncConnection, wanted: Sequence[WantedLevel], reason: str, actor: Actor
) -> list[LevelVerdict]:
    """Create the levels that are not there yet; those that are there are left as they are and left out."""
    rows = await connection.execute(RECEIVE, _values(wanted, reason, actor))
    return [LevelVerdict(*row) for row in rows]


async def set_existing(
    connection: AsyncConnection, wanted: Sequence[WantedLevel], reason: str, actor: Actor
) -> list[LevelVerdict]:
    """Bring levels that are there to their quantities; those that have it already are neither locked nor told of.

    The first stock of a level is entered as received, every later difference as adjusted.
    """
    rows = await connection.execute(SET, _values(wanted, reason, actor))
    return [LevelVerdict(*row) for row in rows]


def _values(wanted: Sequence[WantedLevel], reason: str, actor: Actor) -> dict[str, Any]:
    return {
        "store_ids": [level.store_id for level in wanted],
        "product_ids": [level.product_id for level in wanted],
        "quantities": [level.quantity for level in wanted],
        "reason": reason,
        "actor": actor.name,
    }
