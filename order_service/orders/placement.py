"""What is asked of a placement and what comes of it, with the rules that need no database."""

from collections.abc import Sequence
from typing import Any

import msgspec

from order_service.carts.cart import CartOwner
from order_service.errors import FieldFault, PriceChange, ShortLine
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.order import Order
from schemas.ids import CartId, ProductId, StoreId, UserId

MAX_LINES = 100
MAX_QUANTITY = 1_000_000
MAX_TOTAL_MINOR = 10**15

SHORT_STOCK = "Insufficient stock for one or more items."


SINGLE, SPLIT = "single", "split"
"""Whether one store serves the whole order, or several may where no single one can."""


class LineRequest(msgspec.Struct, frozen=True):
    """So many of one product; `seen_price_minor` is the price that the buyer was shown, where that matters."""

    product_id: ProductId
    quantity: int
    seen_price_minor: int | None = None


class PlacementRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order to be placed; without `store_id` the lowest-id store that can serve every line is taken.

    Defaults are omitted when it is encoded, so that the digest of a request outlives the fields that come after it.

    A checkout names the `cart` by its owner and no lines: they and `cart_id` are filled in under the cart's lock.
    """

    lines: tuple[LineRequest, ...]
    store_id: StoreId | None = None
    user_id: UserId | None = None
    email: str | None = None
    note: str = ""
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    shipping_method: str | None = None
    discount_code: str | None = None
    allocation: str = SINGLE
    idempotency: IdempotencyKey | None = None
    request_id: str | None = None
    cart: CartOwner | None = None
    cart_id: CartId | None = None
    accept_price_changes: bool = False


class Placed(msgspec.Struct, frozen=True, tag="placed"):
    """The order as recorded: CONFIRMED, or REJECTED with its short lines."""

    order: Order
    short: list[ShortLine] = []
    replayed: bool = False


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Nothing was recorded: the request named what does not exist, or comes to a forbidden total."""

    faults: list[FieldFault]
    replayed: bool = False


class PricesMoved(msgspec.Struct, frozen=True, tag="prices_moved"):
    """Nothing was recorded: these prices are not those that the buyer saw, and the buyer did not accept that."""

    changes: list[PriceChange]
    replayed: bool = False


class NothingToSell(msgspec.Struct, frozen=True, tag="nothing_to_sell"):
    """Nothing was recorded: there is no open cart, or it is empty."""

    replayed: bool = False


Outcome = Placed | Refused | PricesMoved | NothingToSell


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
