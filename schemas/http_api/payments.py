"""Bodies of an order's payments and refunds."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Price, ShortText

MAX_LINES = 100

ProviderName = Annotated[str, Meta(min_length=1, max_length=40)]
PaymentMethod = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")]
UuidText = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment; without `amount` all that is still to be paid. `capture: false` authorises only."""

    provider: ProviderName
    amount: Price | None = None
    capture: bool = True
    payment_method: PaymentMethod = ""


class PaymentChangeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment is captured or given up, and why."""

    reason: ShortText = ""


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money to be paid back; without `amount` all that was captured. `by_hand`: it was handed back outside."""

    amount: Price | None = None
    reason: ShortText = ""
    by_hand: bool = False
    payment_id: UuidText | None = None


class PaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """One payment; `client_secret` is only in the answer to whoever pays, for the provider's own page or script."""

    id: str
    provider: str
    status: str
    amount: str
    captured: str
    refunded: str
    currency: str
    reference: str | None
    failure: str
    created_at: datetime
    client_secret: str | UnsetType = UNSET


class RefundBody(msgspec.Struct, frozen=True, kw_only=True):
    """One refund of one payment."""

    id: str
    payment: str
    provider: str
    status: str
    amount: str
    currency: str
    reason: str
    failure: str
    created_at: datetime
    return_id: str | UnsetType = UNSET


class RefundsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a refund: a row for each payment that it was taken from."""

    amount: str
    currency: str
    refunds: list[RefundBody]


class NoticeTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a provider's notice."""

    received: bool


class ReturnLineRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many pieces of a line (the `id` of the order's item); `restock: false` for what cannot be sold again."""

    line: Annotated[int, Meta(ge=1, le=MAX_LINES)]
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    restock: bool = True


class ReturnRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that came back; without `amount` what was paid for them is paid back, unless `refund` is false."""

    lines: Annotated[list[ReturnLineRequest], Meta(min_length=1, max_length=MAX_LINES)]
    reason: ShortText = ""
    refund: bool = True
    amount: Price | None = None


class ReturnLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a line that came back."""

    line: int
    quantity: int
    restocked: bool


class ReturnBody(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of an order that came back at once."""

    id: str
    reason: str
    created_at: datetime
    lines: list[ReturnLineBody]


class ReturnMadeBody(ReturnBody, frozen=True, kw_only=True):
    """The answer to a return, with what is paid back for it."""

    refunds: list[RefundBody]
