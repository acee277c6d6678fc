"""What the writes of single products share: normal form of the fields, the category meant, SKUs already taken."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.errors import FieldFault
from schemas.ids import CategoryId, ProductId

OPTIONAL_TEXTS = ("brand", "group_id", "gtin", "mpn", "image_link")

BY_ID = text("SELECT id FROM categories WHERE id = :category FOR KEY SHARE")
BY_WORD = text(
    """
    SELECT id, slug = :category AS by_slug FROM categories
    WHERE slug = :category OR lower(name) = lower(:category)
    ORDER BY by_slug DESC LIMIT 2 FOR KEY SHARE
    """
)
SKU_TAKEN = text(
    """
    SELECT EXISTS (
        SELECT FROM products WHERE sku = :sku AND id <> :but AND (deleted_at IS NULL OR :but <> 0)
    )
    """
)


def normalized(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Trim every text; an optional one that is blank becomes None."""
    trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    blanks = {name: None for name in OPTIONAL_TEXTS if trimmed.get(name) == ""}
    return trimmed | blanks


async def find_category(connection: AsyncConnection, category: int | str) -> tuple[CategoryId | None, list[FieldFault]]:
    """Find the category by id, slug or name; in its place a fault when there is none, or several of that name.

    The category cannot be deleted before the transaction ends.
    """
    if isinstance(category, int):
        found = (await connection.execute(BY_ID, {"category": category})).scalar()
        return found, [] if found is not None else [FieldFault("category", "there is no such category")]
    if "\x00" in category:
        return None, [FieldFault("category", "holds a NUL character")]
    rows = (await connection.execute(BY_WORD, {"category": category.strip()})).all()
    if not rows:
        return None, [FieldFault("category", "there is no such category")]
    if len(rows) > 1 and not rows[0].by_slug:
        return None, [FieldFault("category", "several categories have this name: give the id or the slug")]
    return rows[0].id, []


async def sku_faults(connection: AsyncConnection, sku: str | None, but: ProductId | None) -> list[FieldFault]:
    """Tell when another product has the SKU; `but` is the product that may have it, None for one to be created.

    A deleted product's SKU is free for a new product (which then is that product again), not for a renamed one.
    """
    if not sku or "\x00" in sku:
        return []
    taken = (await connection.execute(SKU_TAKEN, {"sku": sku, "but": but or 0})).scalar_one()
    return [FieldFault("sku", "another product has it")] if taken else []
