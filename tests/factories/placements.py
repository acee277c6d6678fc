"""Places one order as a process of its own would."""

from order_service.database.engine import Database
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import Placed, PlacementRequest
from schemas.shop_settings import ShopSettings


async def place_order(database: Database, shop: ShopSettings, request: PlacementRequest) -> Placed:
    """Place it and wait for its verdict; raises what placing raises."""
    placements = OrderPlacements(database, shop)
    try:
        return await placements.place(request)
    finally:
        await placements.close()
