"""The whole public state of products as the index needs it; read by the relay, the reindexer and the audit.

Only reads, and only through a connection or engines that the caller brings.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.engine import Database, translated_errors
from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.ids import ProductId

COLUMNS: Final = """
    SELECT p.id, p.sku, p.version, p.title, p.description, p.price_minor, p.created_at, p.updated_at, p.brand,
        p.group_id, p.gtin, p.mpn, p.image_link, p.attributes, p.popularity,
        p.deleted_at IS NOT NULL AS deleted,
        c.path_ids, c.path_names, c.path_slugs,
        ARRAY(
            SELECT l.store_id FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
            WHERE l.product_id = p.id AND l.on_hand > l.reserved ORDER BY l.store_id
        ) AS in_stock_store_ids
    FROM products p JOIN categories c ON c.id = p.category_id
"""
BY_IDS: Final = text(f"{COLUMNS} WHERE p.id = ANY (CAST(:ids AS bigint[])) ORDER BY p.id")
AFTER: Final = text(f"{COLUMNS} WHERE p.id > :after ORDER BY p.id LIMIT :limit")


async def snapshots_of(connection: AsyncConnection, ids: Sequence[ProductId], currency: str) -> list[ProductSnapshot]:
    """Read the current snapshots of these products by id, deleted ones included, in one statement."""
    rows = await connection.execute(BY_IDS, {"ids": list(ids)})
    return [_snapshot(row, currency) for row in rows]


async def stream_snapshots(
    database: Database, currency: str, batch_size: int = 1000, ids: Sequence[ProductId] | None = None
) -> AsyncIterator[list[ProductSnapshot]]:
    """Give every product (or those of `ids`) by ascending id in batches, deleted ones included.

    Each batch is one statement on an autocommit connection, so a stream holds no snapshot open and at most one
    batch in memory; a product changed meanwhile appears in the state its batch found. Raises Unavailable.
    """
    stream = _all(database, currency, batch_size) if ids is None else _chosen(database, currency, batch_size, ids)
    async for batch in stream:
        yield batch


async def _all(database: Database, currency: str, batch_size: int) -> AsyncIterator[list[ProductSnapshot]]:
    after = 0
    while True:
        async with translated_errors(), database.reads.connect() as connection:
            rows = await connection.execute(AFTER, {"after": after, "limit": batch_size})
            batch = [_snapshot(row, currency) for row in rows]
        if batch:
            yield batch
        if len(batch) < batch_size:
            return
        after = batch[-1].id


async def _chosen(
    database: Database, currency: str, batch_size: int, ids: Sequence[ProductId]
) -> AsyncIterator[list[ProductSnapshot]]:
    ascending = sorted(set(ids))
    for start in range(0, len(ascending), batch_size):
        async with translated_errors(), database.reads.connect() as connection:
            batch = await snapshots_of(connection, ascending[start : start + batch_size], currency)
        if batch:
            yield batch


def _snapshot(row: Row[Any], currency: str) -> ProductSnapshot:
    return ProductSnapshot(
        id=row.id,
        sku=row.sku,
        version=row.version,
        title=row.title,
        description=row.description,
        category=CategoryPath(ids=row.path_ids, names=row.path_names, slugs=row.path_slugs),
        price_minor=row.price_minor,
        currency=currency,
        created_at=row.created_at,
        updated_at=row.updated_at,
        brand=row.brand,
        group_id=row.group_id,
        gtin=row.gtin,
        mpn=row.mpn,
        image_link=row.image_link,
        attributes=row.attributes,
        in_stock_store_ids=row.in_stock_store_ids,
        popularity=row.popularity,
        deleted=row.deleted,
    )
