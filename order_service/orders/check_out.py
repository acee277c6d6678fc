"""The carts of a batch of placements: locked and read before the orders are judged, closed when they became orders.

`place_orders` calls both; what a cart holds is free for its own order, and converted under the same locks.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import CartItem, Level, OpenCart, held_levels
from order_service.carts.choose_store import ChosenStore, WantedLine, choose_store
from order_service.carts.close_cart import close_carts
from order_service.carts.lock_carts import items_of, lock_open_carts
from order_service.carts.release_stock import release_reservations
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import CartId


class CartToSell(NamedTuple):
    """A placement with the lines of its cart, the store that is to serve it, and what the cart holds."""

    request: PlacementRequest
    store: ChosenStore
    held: Mapping[Level, int]


async def lock_carts(connection: AsyncConnection, requests: Sequence[PlacementRequest]) -> dict[int, CartToSell]:
    """Lock the open carts that these placements check out, and read them; gives them by the request's position.

    A placement whose owner has no open cart gets no lines. No two requests of a batch may be for the same cart.
    """
    owners = {position: request.cart for position, request in enumerate(requests) if request.cart is not None}
    if not owners:
        return {}
    carts = await lock_open_carts(connection, list(owners.values()))
    items = await items_of(connection, [cart.id for cart in carts.values()])
    return {
        position: await _to_sell(connection, requests[position], carts.get(owner.name), items)
        for position, owner in owners.items()
    }


async def close_sold(connection: AsyncConnection, carts: Sequence[CartId]) -> None:
    """Release what these carts held, their levels being locked, and close them; before their orders take the stock."""
    if carts:
        await release_reservations(connection, carts)
        await close_carts(connection, carts, "CHECKED_OUT")


async def _to_sell(
    connection: AsyncConnection,
    request: PlacementRequest,
    cart: OpenCart | None,
    items: Mapping[CartId, list[CartItem]],
) -> CartToSell:
    if cart is None:
        return CartToSell(request, ChosenStore(None, promised=False), {})
    lines = tuple(LineRequest(item.product_id, item.quantity, item.seen_price_minor) for item in items[cart.id])
    filled = msgspec.structs.replace(request, lines=lines, cart_id=cart.id)
    return CartToSell(filled, await _store_of(connection, cart, items[cart.id]), held_levels(items[cart.id]))


async def _store_of(connection: AsyncConnection, cart: OpenCart, items: Sequence[CartItem]) -> ChosenStore:
    """Give the store that holds everything; when a hold lapsed or the store closed, the one that serves it now."""
    holding = {item.store_id for item in items}
    if len(holding) == 1 and None not in holding and items[0].is_store_open:
        return ChosenStore(holding.pop(), promised=False)
    wanted = [WantedLine(item.product_id, item.quantity) for item in items]
    return await choose_store(connection, [cart.id], wanted, cart.store_id)
