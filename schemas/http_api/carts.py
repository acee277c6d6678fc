"""Bodies of `/cart`. A guest's body may name the session that the header `X-Session-Id` names as well."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Id, ShortText, Word
from schemas.http_api.orders import Address, Email, Quantity

SessionId = Annotated[str, Meta(max_length=200)]


class CartItemRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many of one product, from a certain store if need be."""

    product_id: Id
    quantity: Quantity = 1
    store_id: Id | None = None


class CartQuantityRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many it is to be."""

    quantity: Quantity


class CartRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What needs no more than saying so."""


class CheckoutRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an order needs beside the cart."""

    email: Email | None = None
    note: Annotated[str, Meta(max_length=2_000)] = ""
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_method: Word | None = None
    discount_code: Word | None = None
    accept_price_changes: bool = False


class GuestCartItemRequest(CartItemRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a guest."""

    session_id: SessionId | UnsetType = UNSET


class GuestCartQuantityRequest(CartQuantityRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a guest."""

    session_id: SessionId | UnsetType = UNSET


class GuestCartRequest(CartRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a guest."""

    session_id: SessionId | UnsetType = UNSET


class GuestCheckoutRequest(CheckoutRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of a guest."""

    session_id: SessionId | UnsetType = UNSET


class CartSupportRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why staff do something to a cart."""

    reason: ShortText = ""


class CartMergeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose cart it is to become part of, and why."""

    user_id: Id
    reason: ShortText = ""


class CartItemBody(msgspec.Struct, frozen=True, kw_only=True):
    """One item at its present price; `previous_price` is the one that was seen, where it moved since."""

    id: int
    product_id: int
    product_title: str
    quantity: int
    unit_price: str
    previous_price: str | None
    line_total: str
    available: bool
    store: int | None
    reserved_until: datetime | None


class CartBody(msgspec.Struct, frozen=True, kw_only=True):
    """A cart; `id` is null for a shopper who has none yet."""

    id: str | None
    items: list[CartItemBody]
    total: str
    currency: str


class AdminCartBody(msgspec.Struct, frozen=True, kw_only=True):
    """A cart as staff see it; a guest's has no `user_id`."""

    id: str | None
    status: str
    user_id: int | None
    created_at: datetime | None
    active_at: datetime | None
    items: list[CartItemBody]
    total: str
    currency: str
