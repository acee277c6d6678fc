"""Bodies of `/tax-rates` and `/shipping-methods`."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import AMOUNT, PERCENT, Id, Name, Word

Percent = Annotated[str, Meta(max_length=10, extra={"kind": PERCENT})]
Amount = Annotated[str, Meta(max_length=40, extra={"kind": AMOUNT})]
Country = Annotated[str, Meta(max_length=2)]
Region = Annotated[str, Meta(max_length=100)]
MAX_PLACES = 500


class NewTaxRateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate in percent; an empty country is everywhere, an empty region the whole country."""

    name: Name
    rate: Percent
    applies_to: Literal["items", "shipping"] = "items"
    country: Country = ""
    region: Region = ""
    category_id: Id | None = None


class TaxRateChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rate is called and how much it is; what is absent stays as it is."""

    name: Name | UnsetType = UNSET
    rate: Percent | UnsetType = UNSET


class TaxRateBody(msgspec.Struct, frozen=True, kw_only=True):
    """One rate, and who made and changed it."""

    id: int
    name: str
    rate: str
    applies_to: str
    country: str
    region: str
    category_id: int | None
    created_by: str
    updated_by: str
    created_at: datetime
    updated_at: datetime


class ShippingPriceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a method costs in one place; nothing from `free_from` on."""

    price: Amount
    country: Country = ""
    region: Region = ""
    free_from: Amount | None = None


class NewShippingMethodBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way of shipping; it goes to the places that have a price."""

    code: Word
    name: Name
    prices: Annotated[list[ShippingPriceEntry], Meta(max_length=MAX_PLACES)]
    is_active: bool = True


class ShippingMethodChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; `prices` are replaced as a whole."""

    name: Name | UnsetType = UNSET
    prices: Annotated[list[ShippingPriceEntry], Meta(max_length=MAX_PLACES)] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class ShippingPriceBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs in one place."""

    country: str
    region: str
    price: str
    free_from: str | None


class ShippingMethodBody(msgspec.Struct, frozen=True, kw_only=True):
    """One way of shipping; staff see who made and changed it, others only what may be chosen."""

    id: int
    code: str
    name: str
    currency: str
    prices: list[ShippingPriceBody]
    is_active: bool
    created_by: str | UnsetType = UNSET
    updated_by: str | UnsetType = UNSET
    created_at: datetime | UnsetType = UNSET
    updated_at: datetime | UnsetType = UNSET
