"""Which store is to serve each line of each order of a batch; called by `place_orders` before it locks.

Read without locks: who locks afterwards looks again, and the placement is tried again when a promise was not kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.orders.placement import SPLIT, PlacementRequest
from order_service.orders.placement_statements import CHOOSE_STORES, CHOOSE_STORES_PER_LINE
from schemas.ids import StoreId


class StoreChoice(NamedTuple):
    """A store for each line, in order; `promised` says that they served every line when they were chosen."""

    stores: tuple[StoreId | None, ...]
    promised: bool


async def choose_stores(connection: AsyncConnection, requests: Sequence[PlacementRequest]) -> list[StoreChoice]:
    """Choose for each request, in order: the store it names, else the lowest-id one that serves all of its lines.

    Where none does, it is the one that serves most of them; or, if the order may be split, for each line the lowest-id
    store that serves it alone, and where none does the one that comes nearest.
    """
    open_ones = {at: request for at, request in enumerate(requests) if request.store_id is None}
    single = await _single(connection, open_ones)
    choices = [
        single.get(at) or StoreChoice((request.store_id,) * len(request.lines), promised=False)
        for at, request in enumerate(requests)
    ]
    split = {at: each for at, each in open_ones.items() if each.allocation == SPLIT and not choices[at].promised}
    for at, choice in (await _per_line(connection, split)).items():
        choices[at] = choice
    return choices


async def _single(connection: AsyncConnection, requests: Mapping[int, PlacementRequest]) -> dict[int, StoreChoice]:
    values = _lines(requests)
    if not values["positions"]:
        return {}
    return {
        row.position: StoreChoice((StoreId(row.store_id),) * count, promised=row.lines == count)
        for row in await connection.execute(CHOOSE_STORES, values)
        if (count := len(requests[row.position].lines))
    }


async def _per_line(connection: AsyncConnection, requests: Mapping[int, PlacementRequest]) -> dict[int, StoreChoice]:
    if not requests:
        return {}
    rows = await connection.execute(CHOOSE_STORES_PER_LINE, _lines(requests))
    found = {(row.position, row.product_id): (StoreId(row.store_id), row.serves) for row in rows}
    choices = {}
    for at, request in requests.items():
        chosen = [found.get((at, line.product_id), (None, False)) for line in request.lines]
        choices[at] = StoreChoice(tuple(store for store, _ in chosen), promised=all(serves for _, serves in chosen))
    return choices


def _lines(requests: Mapping[int, PlacementRequest]) -> dict[str, Any]:
    lines = [(at, line) for at, request in requests.items() for line in request.lines]
    return {
        "positions": [at for at, _ in lines],
        "products": [line.product_id for _, line in lines],
        "quantities": [line.quantity for _, line in lines],
    }
