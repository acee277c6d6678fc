"""Bodies of `/discounts`."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Id, Price, Word
from schemas.http_api.pricing import Amount, Percent

MAX_PRODUCTS = 1_000
Moment = Annotated[datetime, Meta(tz=True)]
Uses = Annotated[int, Meta(ge=0, le=10**12)]
UsesEach = Annotated[int, Meta(ge=1, le=10**12)]
Products = Annotated[list[Id], Meta(min_length=1, max_length=MAX_PRODUCTS)]


class NewDiscountBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code to be: exactly one of `percent` and `amount`; null is no bound, and of products all."""

    code: Word
    percent: Percent | None = None
    amount: Price | None = None
    product_ids: Products | None = None
    min_items_total: Amount = "0"
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: UsesEach | None = None
    is_active: bool = True


class DiscountChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is absent stays as it is."""

    percent: Percent | UnsetType = UNSET
    amount: Price | UnsetType = UNSET
    product_ids: Products | None | UnsetType = UNSET
    min_items_total: Amount | UnsetType = UNSET
    valid_from: Moment | None | UnsetType = UNSET
    valid_until: Moment | None | UnsetType = UNSET
    max_uses: Uses | None | UnsetType = UNSET
    max_uses_per_customer: UsesEach | None | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class DiscountBody(msgspec.Struct, frozen=True, kw_only=True):
    """One code with its uses, those of cancelled orders not counted; `percent` or `amount` is null."""

    id: int
    code: str
    percent: str | None
    amount: str | None
    currency: str
    product_ids: list[int] | None
    min_items_total: str
    valid_from: datetime | None
    valid_until: datetime | None
    max_uses: int | None
    max_uses_per_customer: int | None
    uses: int
    is_active: bool
    created_by: str
    updated_by: str
    created_at: datetime
    updated_at: datetime
