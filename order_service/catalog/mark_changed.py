"""Marks products as changed, so that the relay publishes them; called by every write of an indexed field."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ids import ProductId

MARK = text(
    """
    WITH locked AS MATERIALIZED (
        SELECT id FROM products WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE
    ), bumped AS (
        UPDATE products SET version = version + 1, updated_at = now()
        FROM locked WHERE products.id = locked.id
        RETURNING products.id, products.version
    ), marked AS (
        INSERT INTO product_changes (product_id, request_id) SELECT id, :request_id FROM bumped
    )
    SELECT id, version FROM bumped
    """
)


async def mark_changed(
    connection: AsyncConnection, product_ids: Sequence[ProductId], request_id: str | None
) -> dict[ProductId, int]:
    """Raise the version of each product and leave a mark for the relay, in one statement; returns new versions.

    Locks the rows in ascending id order, so concurrent markers never deadlock. Call it after stock rows were
    locked, never before, and commit soon. Ids without a product are left out of the answer.
    """
    if not product_ids:
        return {}
    rows = await connection.execute(MARK, {"ids": list(product_ids), "request_id": request_id})
    return {row.id: row.version for row in rows}
