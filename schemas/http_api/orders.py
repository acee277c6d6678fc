"""Bodies of `/orders`, in the present shape and in the one that earlier clients know."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Id, ShortText, Word
from schemas.http_api.payments import PaymentBody, RefundBody, ReturnBody

MAX_LINES = 100
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]


class OrderLineRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many of one product."""

    product_id: Id
    quantity: Quantity


class EarlierOrderLineRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line as earlier clients send it; exactly one of the two counts."""

    product_id: Id
    quantity_requested: Quantity | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where goods or the invoice go."""

    name: ShortText
    line1: ShortText
    city: ShortText
    country: ShortText
    line2: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""
    phone: ShortText = ""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order: `items`, or `product_id` and `quantity` for a single line."""

    items: Annotated[list[OrderLineRequest], Meta(min_length=1, max_length=MAX_LINES)] | UnsetType = UNSET
    product_id: Id | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    store_id: Id | None = None
    email: Email | None = None
    note: Annotated[str, Meta(max_length=2_000)] = ""
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_method: Word | None = None
    discount_code: Word | None = None
    allocation: Literal["single", "split"] = "single"


class EarlierOrderRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order as earlier clients send it."""

    items: Annotated[list[EarlierOrderLineRequest], Meta(min_length=1, max_length=MAX_LINES)]
    store_id: Id | None = None
    email: Email | None = None


class OrderMoveBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an order is to go, in any letter case, and why."""

    status: Annotated[str, Meta(min_length=1, max_length=40)]
    reason: ShortText = ""


class OrderLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """One line at the price it was sold for; `discount` and `tax` (at `tax_rate` percent) are those of the line."""

    id: int
    product: int
    product_title: str
    sku: str
    quantity: int
    unit_price: str
    line_total: str
    discount: str
    tax: str
    tax_rate: str
    store: int | None


class TaxLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """All tax of one name and rate (in percent); `taxable` is net of it."""

    name: str
    rate: str
    taxable: str
    tax: str


class HistoryEntryBody(msgspec.Struct, frozen=True, kw_only=True):
    """One move of an order."""

    from_status: str | None
    to_status: str
    reason: str
    created_at: datetime


class OrderBody(msgspec.Struct, frozen=True, kw_only=True):
    """One order; `history` and everything about payments are in the detail, `order_token` in a guest's answer.

    `total` is `items_total` − `discount` + `shipping`, and + `tax` unless `prices_include_tax`.
    """

    id: str
    number: str
    store: int | None
    status: str
    created_at: datetime
    total: str
    currency: str
    items: list[OrderLineBody]
    items_total: str
    discount: str
    discount_code: str | None
    shipping: str
    shipping_method: str | None
    tax: str
    tax_lines: list[TaxLineBody]
    prices_include_tax: bool
    user_id: int | None
    email: str | None
    note: str
    reason: str
    shipping_address: dict[str, Any] | None
    billing_address: dict[str, Any] | None
    history: list[HistoryEntryBody] | UnsetType = UNSET
    captured: str | UnsetType = UNSET
    refunded: str | UnsetType = UNSET
    payments: list[PaymentBody] | UnsetType = UNSET
    refunds: list[RefundBody] | UnsetType = UNSET
    returns: list[ReturnBody] | UnsetType = UNSET
    order_token: str | UnsetType = UNSET


class EarlierOrderLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """One line as earlier clients read it."""

    product_id: int
    product_title: str
    quantity_requested: int


class EarlierOrderBody(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a placement as earlier clients read it; `reason` is there when the order was REJECTED."""

    id: str
    store: int | None
    status: str
    created_at: datetime
    items: list[EarlierOrderLineBody]
    number: str
    reason: str | UnsetType = UNSET
    order_token: str | UnsetType = UNSET


class StoreOrderBody(msgspec.Struct, frozen=True, kw_only=True):
    """One order in a store's list as earlier clients read it; `total_items` counts lines."""

    id: str
    store: int | None
    status: str
    total_items: int
    created_at: datetime
    items: list[EarlierOrderLineBody]
