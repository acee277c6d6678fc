"""A cart as its readers see it, and whose it is: value structs without behaviour."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Self

import msgspec

from schemas.ids import CartId, CartItemId, ProductId, StoreId, UserId

MAX_LINES = 100
"""As many as an order may have."""


class CartOwner(msgspec.Struct, frozen=True):
    """A user, or a guest by the SHA-256 of their session id; `client` is a keyed digest of a guest's address."""

    user_id: UserId | None = None
    session: bytes | None = None
    client: bytes | None = None

    @classmethod
    def of_session(cls, session_id: str, client: bytes | None = None) -> Self:
        """Give the guest with this session id."""
        return cls(session=hashlib.sha256(session_id.encode()).digest(), client=client)

    @property
    def name(self) -> str:
        """How idempotency keys and the process tell owners apart."""
        return f"user:{self.user_id}" if self.session is None else f"session:{self.session.hex()}"


class OpenCart(NamedTuple):
    """An open cart whose row the caller has locked; `store_id` is the store that its owner asked for, while it is open.

    `client` is the keyed digest of the address of the guest who made it, `now` the time of the transaction.
    """

    id: CartId
    user_id: UserId | None
    session: bytes | None
    client: bytes | None
    now: datetime
    store_id: StoreId | None


class CartItem(msgspec.Struct, frozen=True):
    """So many of one product. Amounts count minor units.

    `price_minor` is the present price, `seen_price_minor` that of when the owner last chose the quantity. The store
    holds `held` pieces until `reserved_until`; `store_id` and `reserved_until` are None when nothing is held,
    `is_store_open` is false when the store that holds them has been closed since.
    """

    id: CartItemId
    product_id: ProductId
    product_title: str
    quantity: int
    price_minor: int
    seen_price_minor: int
    is_on_sale: bool
    held: int = 0
    store_id: StoreId | None = None
    reserved_until: datetime | None = None
    is_store_open: bool = True


class Cart(msgspec.Struct, frozen=True):
    """A cart with its items in the order in which they came; `id` is None for an owner who has none yet."""

    id: CartId | None
    items: list[CartItem]
    status: str = "OPEN"
    user_id: UserId | None = None
    store_id: StoreId | None = None
    created_at: datetime | None = None
    active_at: datetime | None = None


Level = tuple[StoreId, ProductId]
"""Names one row of stock_levels."""


def held_levels(items: Iterable[CartItem]) -> dict[Level, int]:
    """Sum what the items hold, by stock level."""
    held: dict[Level, int] = {}
    for item in items:
        if item.store_id is not None:
            level = item.store_id, item.product_id
            held[level] = held.get(level, 0) + item.held
    return held
