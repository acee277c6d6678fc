"""What is asked of a placement and what comes of it, with the rules that need no database."""

from collections.abc import Sequence
from typing import Any

import msgspec

from order_service.errors import FieldFault
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.order import Order
from schemas.ids import ProductId, StoreId, UserId

MAX_LINES = 100
MAX_QUANTITY = 1_000_000
MAX_TOTAL_MINOR = 10**15

SHORT_STOCK = "Insufficient stock for one or more items."


class LineRequest(msgspec.Struct, frozen=True):
    """So many of one product."""

    product_id: ProductId
    quantity: int


class PlacementRequest(msgspec.Struct, frozen=True):
    """One order to be placed; without `store_id` the lowest-id store that can serve every line is taken."""

    lines: tuple[LineRequest, ...]
    store_id: StoreId | None = None
    user_id: UserId | None = None
    email: str | None = None
    note: str = ""
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    shipping_method: str | None = None
    discount_code: str | None = None
    idempotency: IdempotencyKey | None = None
    request_id: str | None = None


class ShortLine(msgspec.Struct, frozen=True):
    """A line that could not be served, and what was there at that instant."""

    product_id: ProductId
    requested: int
    available: int


class Placed(msgspec.Struct, frozen=True, tag="placed"):
    """The order as recorded: CONFIRMED, or REJECTED with its short lines."""

    order: Order
    short: list[ShortLine] = []
    replayed: bool = False


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Nothing was recorded: the request named what does not exist, or comes to a forbidden total."""

    faults: list[FieldFault]


Outcome = Placed | Refused


def line_faults(lines: Sequence[LineRequest]) -> list[FieldFault]:
    """List what is wrong with the lines by themselves: none, too many, quantities, one product twice."""
    if not lines:
        return [FieldFault("items", "takes at least one line")]
    if len(lines) > MAX_LINES:
        return [FieldFault("items", f"takes at most {MAX_LINES} lines")]
    faults = []
    seen: set[ProductId] = set()
    for position, line in enumerate(lines):
        if not 0 < line.quantity <= MAX_QUANTITY:
            faults.append(FieldFault(f"items[{position}].quantity", f"is not between 1 and {MAX_QUANTITY}"))
        if line.product_id in seen:
            faults.append(FieldFault(f"items[{position}].product_id", "is named by an earlier line"))
        seen.add(line.product_id)
    return faults
