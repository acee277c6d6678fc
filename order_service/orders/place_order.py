"""Placing one order; the API gives every order of either shape, and every checkout, to its process's placements."""

from collections.abc import Sequence
from functools import partial

import psycopg
from sqlalchemy import exc, text

from order_service.accounts.postal_address import address_faults
from order_service.database.engine import Database
from order_service.errors import CartEmpty, FieldFault, IdempotencyKeyReused, InvalidInput, PricesChanged, Unavailable
from order_service.idempotency.claim_keys import KEY_MAX
from order_service.orders.place_orders import Verdict, place_orders
from order_service.orders.placement import (
    SINGLE,
    SPLIT,
    NothingToSell,
    Placed,
    PlacementRequest,
    PricesMoved,
    Refused,
    line_faults,
)
from order_service.pricing.read_tariff import TariffReader
from order_service.stock.batcher import Batcher
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.shop_settings import ShopSettings

CHOICES = 5
"""How often another store is chosen when the chosen one was emptied in between."""

WAIT_LESS = text("SET LOCAL lock_timeout = '1s'")
"""For a batch: who waits for a lock holds the locks of all others. Split down to one order, it waits as long as any."""

HELD_UP_STATES = frozenset({"55P03", "57014"})
"""A lock or the statement took too long: the fault of the rows that some order of the batch names."""


class OrderPlacements:
    """Places the orders of one process in batches; share one per event loop, and `close` it before the database."""

    def __init__(self, database: Database, shop: ShopSettings) -> None:
        self._currency = shop.currency
        self._batcher: Batcher[PlacementRequest, Verdict] = Batcher(
            partial(_place_batch, database, shop, TariffReader()), _key_of, _concerns_all
        )

    @property
    def waiting(self) -> int:
        """How many orders nobody works on yet."""
        return self._batcher.waiting

    async def place(self, request: PlacementRequest) -> Placed:
        """Record the order as CONFIRMED with its stock taken, or as REJECTED with its short lines; committed.

        The order, its lines, stock, ledger, history, event and idempotency key commit together or not at all.
        Raises InvalidInput for faulty lines, unknown products or stores and forbidden totals, CartEmpty and
        PricesChanged for a checkout, IdempotencyKeyReused, IdempotencyInProgress, and Unavailable when Postgres is
        away, a lock is not had in time, or more orders wait than can be placed in two seconds.
        """
        faults = request_faults(request)
        if faults:
            raise InvalidInput(faults)
        for _ in range(CHOICES):
            verdict = await self._batcher.submit(request)
            if isinstance(verdict, Placed):
                return verdict
            _raise_refusal(verdict, self._currency)
        raise Unavailable

    async def close(self) -> None:
        """Return when every order that was given has its verdict."""
        await self._batcher.close()


def _raise_refusal(verdict: Verdict, currency: str) -> None:
    """Raise what the verdict refuses the order for; returns when another store is to be tried."""
    if isinstance(verdict, Refused):
        raise InvalidInput(verdict.faults, verdict.replayed)
    if isinstance(verdict, PricesMoved):
        raise PricesChanged("prices have changed", verdict.changes, currency, verdict.replayed)
    if isinstance(verdict, NothingToSell):
        raise CartEmpty(verdict.replayed)
    if isinstance(verdict, IdempotencyKeyReused):
        raise verdict


def request_faults(request: PlacementRequest) -> list[FieldFault]:
    """List what is wrong with the request by itself; the lines of a cart are judged with it."""
    faults = [] if request.cart else line_faults(request.lines)
    for name in ("shipping_address", "billing_address"):
        address = getattr(request, name)
        faults += address_faults(address, f"{name}.") if address is not None else []
    if request.allocation not in {SINGLE, SPLIT}:
        faults.append(FieldFault("allocation", f"is not one of {SINGLE}, {SPLIT}"))
    if request.allocation == SPLIT and request.store_id is not None:
        faults.append(FieldFault("allocation", "cannot be split over stores when store_id names one"))
    if request.idempotency and not 0 < len(request.idempotency.key) <= KEY_MAX:
        faults.append(FieldFault("Idempotency-Key", f"takes 1 to {KEY_MAX} characters"))
    return faults


async def _place_batch(
    database: Database, shop: ShopSettings, tariffs: TariffReader, requests: Sequence[PlacementRequest]
) -> list[Verdict]:
    async def work(unit: UnitOfWork) -> list[Verdict]:
        if len(requests) > 1:
            await unit.connection.execute(WAIT_LESS)
        return await place_orders(unit, shop, requests, tariffs)

    return await in_unit_of_work(database, work)


def _key_of(request: PlacementRequest) -> tuple[str, str] | None:
    """Give what two orders in work may not share: the cart, which its owner's keys cannot differ from, else the key."""
    if request.cart:
        return "cart", request.cart.name
    return request.idempotency.name if request.idempotency else None


def _concerns_all(error: Exception) -> bool:
    """Whether Postgres itself is away, so that smaller batches would only wait longer for the same answer."""
    cause = error.__cause__
    if not isinstance(error, Unavailable) or not isinstance(cause, exc.DBAPIError):
        return isinstance(error, Unavailable)
    held_up = isinstance(cause.orig, psycopg.Error) and cause.orig.sqlstate in HELD_UP_STATES
    return not held_up
