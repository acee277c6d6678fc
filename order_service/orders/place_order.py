"""Placing one order; called by the API for every order of either shape."""

from order_service.database.engine import Database
from order_service.errors import FieldFault, IdempotencyKeyReused, InvalidInput, Unavailable
from order_service.idempotency.claim_keys import KEY_MAX
from order_service.orders.place_orders import place_orders
from order_service.orders.placement import Placed, PlacementRequest, Refused, line_faults
from order_service.unit_of_work import in_unit_of_work
from schemas.settings import ShopSettings

CHOICES = 5
"""How often another store is chosen when the chosen one was emptied in between."""


async def place_order(database: Database, shop: ShopSettings, request: PlacementRequest) -> Placed:
    """Record the order as CONFIRMED with its stock taken, or as REJECTED with its short lines; commits.

    The order, its lines, stock, ledger, history, event and idempotency key commit together or not at all.
    Raises InvalidInput for faulty lines, unknown products or stores and forbidden totals, IdempotencyKeyReused,
    IdempotencyInProgress, and Unavailable when Postgres is away or a stock lock is not had in time.
    """
    faults = request_faults(request)
    if faults:
        raise InvalidInput(faults)
    for _ in range(CHOICES):
        [verdict] = await in_unit_of_work(database, lambda unit: place_orders(unit, shop, [request]))
        if isinstance(verdict, Refused):
            raise InvalidInput(verdict.faults)
        if isinstance(verdict, IdempotencyKeyReused):
            raise verdict
        if isinstance(verdict, Placed):
            return verdict
    raise Unavailable


def request_faults(request: PlacementRequest) -> list[FieldFault]:
    """List what is wrong with the request by itself."""
    faults = line_faults(request.lines)
    if request.idempotency and not 0 < len(request.idempotency.key) <= KEY_MAX:
        faults.append(FieldFault("Idempotency-Key", f"takes 1 to {KEY_MAX} characters"))
    return faults
