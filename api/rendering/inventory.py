"""Renders stock levels and inventories; called by the inventory handlers."""

from order_service.stock.levels import InventoryRow, Level
from schemas.http_api.stores import InventoryRowBody, LevelBody
from schemas.money import to_amount


def inventory_row_body(row: InventoryRow, currency: str) -> InventoryRowBody:
    """Render one product of an inventory."""
    return InventoryRowBody(
        id=row.id,
        product_title=row.product_title,
        price=to_amount(row.price_minor, currency),
        currency=currency,
        category_name=row.category_name,
        quantity=row.quantity,
    )


def level_body(level: Level) -> LevelBody:
    """Render one stock level."""
    return LevelBody(
        store_id=level.store_id,
        product_id=level.product_id,
        on_hand=level.on_hand,
        reserved=level.reserved,
        available=level.available,
    )
