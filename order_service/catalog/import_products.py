"""Imports a product feed in batches, each one transaction; called by `aisle import products` and the seed.

A batch is one statement: only rows that differ are locked, written and marked, so an import of what is there
already changes nothing. A killed import is simply run again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import text

from order_service.catalog.category_tree import CategoryPath, ensure_paths
from order_service.catalog.feed_product import FeedProduct, parse_feed_line
from order_service.catalog.import_report import BadLine, Destination, ImportReport, batched
from order_service.catalog.import_turns import take_turn
from order_service.catalog.line_reader import MAX_LINE_BYTES, Line
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import CategoryId

BATCH_SIZE = 2_000

WRITE_BATCH = text(
    """
    WITH incoming AS MATERIALIZED (
        SELECT sku, title, description, price_minor, category_id, brand, group_id, gtin, mpn, image_link,
            CAST(attributes_text AS jsonb) AS attributes
        FROM unnest(
            CAST(:sku AS text[]), CAST(:title AS text[]), CAST(:description AS text[]),
            CAST(:price_minor AS bigint[]), CAST(:category_id AS bigint[]), CAST(:brand AS text[]),
            CAST(:group_id AS text[]), CAST(:gtin AS text[]), CAST(:mpn AS text[]),
            CAST(:image_link AS text[]), CAST(:attributes AS text[])
        ) AS line (sku, title, description, price_minor, category_id, brand, group_id, gtin, mpn, image_link,
            attributes_text)
    ), differing AS MATERIALIZED (
        SELECT p.id, p.sku FROM products p JOIN incoming i ON i.sku = p.sku
        WHERE NOT :keep AND (
            p.deleted_at IS NOT NULL
            OR (p.title, p.description, p.price_minor, p.category_id, p.brand, p.group_id, p.gtin, p.mpn,
                p.image_link, p.attributes)
            IS DISTINCT FROM (i.title, i.description, i.price_minor, i.category_id, i.brand, i.group_id, i.gtin,
                i.mpn, i.image_link, i.attributes)
        )
        ORDER BY p.id FOR NO KEY UPDATE OF p
    ), changed AS (
        UPDATE products SET title = i.title, description = i.description, price_minor = i.price_minor,
            category_id = i.category_id, brand = i.brand, group_id = i.group_id, gtin = i.gtin, mpn = i.mpn,
            image_link = i.image_link, attributes = i.attributes,
            version = products.version + 1, updated_at = now(), deleted_at = NULL
        FROM differing JOIN incoming i ON i.sku = differing.sku
        WHERE products.id = differing.id
        RETURNING products.id
    ), created AS (
        INSERT INTO products (sku, title, description, price_minor, category_id, brand, group_id, gtin, mpn,
            image_link, attributes)
        SELECT i.sku, i.title, i.description, i.price_minor, i.category_id, i.brand, i.group_id, i.gtin, i.mpn,
            i.image_link, i.attributes
        FROM incoming i WHERE NOT EXISTS (SELECT FROM products p WHERE p.sku = i.sku)
        ON CONFLICT (sku) DO NOTHING
        RETURNING id
    ), marked AS (
        INSERT INTO product_changes (product_id, request_id)
        SELECT id, :request_id FROM changed UNION ALL SELECT id, :request_id FROM created
    )
    SELECT (SELECT count(*) FROM created) AS created, (SELECT count(*) FROM changed) AS changed
    """
)
COLUMNS = tuple(name for name in FeedProduct._fields if name != "category")


async def import_products(destination: Destination, lines: Iterable[Line], currency: str, report: ImportReport) -> None:
    """Bring products to what the lines say, by sku; a deleted sku is revived. Commits every 2,000 lines.

    Bad lines go to the report and the rest goes in. Raises what the lines raise (UnreadableFile) once everything
    before is committed, and Unavailable when Postgres is away. Reads the lines on the calling thread.
    """
    skus: set[str] = set()
    for batch in batched(_good_products(lines, currency, report, skus), BATCH_SIZE):
        created, changed = await _write_batch(destination, batch)
        report.count(created=created, changed=changed, unchanged=len(batch) - created - changed)


def _good_products(lines: Iterable[Line], currency: str, report: ImportReport, skus: set[str]) -> Iterator[FeedProduct]:
    for number, content in lines:
        try:
            product = _parse(content, currency)
            if product is not None:
                _refuse_repeated(product.sku, skus)
                yield product
        except BadLine as bad:
            report.refuse(number, str(bad))


def _refuse_repeated(sku: str, skus: set[str]) -> None:
    if sku in skus:
        raise BadLine(f"id: {sku!r} stands on an earlier line too")
    skus.add(sku)


def _parse(content: bytes | None, currency: str) -> FeedProduct | None:
    if content is None:
        raise BadLine(f"longer than {MAX_LINE_BYTES} bytes")
    return parse_feed_line(content, currency) if content.strip() else None


async def _write_batch(destination: Destination, batch: list[FeedProduct]) -> tuple[int, int]:
    """Write one batch and return how many rows it created and changed."""
    paths = {product.category for product in batch}

    async def write(unit: UnitOfWork) -> tuple[int, int]:
        await take_turn(unit.connection)
        values = _columns(batch, await ensure_paths(unit.connection, paths))
        values["keep"] = destination.existing == "keep"
        values["request_id"] = destination.actor.request_id
        row = (await unit.connection.execute(WRITE_BATCH, values)).one()
        return row.created, row.changed

    return await in_unit_of_work(destination.database, write)


def _columns(batch: list[FeedProduct], categories: dict[CategoryPath, CategoryId]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: [getattr(product, name) for product in batch] for name in COLUMNS}
    columns["category_id"] = [categories[product.category] for product in batch]
    return columns
