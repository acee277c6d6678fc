"""Bodies of `/stores` and of a store's inventory."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Name, Pieces, ShortText, SignedPieces, Word

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class NewStoreBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A store to be; coordinates are WGS 84 degrees."""

    name: Name
    code: Word | None = None
    city: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""
    country: ShortText = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class StoreChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is absent stays as it is."""

    name: Name | UnsetType = UNSET
    code: Word | UnsetType = UNSET
    city: ShortText | UnsetType = UNSET
    region: ShortText | UnsetType = UNSET
    postal_code: ShortText | UnsetType = UNSET
    country: ShortText | UnsetType = UNSET
    latitude: Latitude | None | UnsetType = UNSET
    longitude: Longitude | None | UnsetType = UNSET


class StoreBody(msgspec.Struct, frozen=True, kw_only=True):
    """One store."""

    id: int
    code: str
    name: str
    city: str
    region: str
    postal_code: str
    country: str
    latitude: float | None
    longitude: float | None


class LevelChangeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of a new `on_hand` and a signed `adjust_by`, in pieces."""

    on_hand: Pieces | UnsetType = UNSET
    adjust_by: SignedPieces | UnsetType = UNSET
    reason: ShortText = ""


class LevelBody(msgspec.Struct, frozen=True, kw_only=True):
    """One stock level; `available` is on hand − reserved."""

    store_id: int
    product_id: int
    on_hand: int
    reserved: int
    available: int


class InventoryRowBody(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a store's inventory; `id` is the product's, `quantity` what is available there."""

    id: int
    product_title: str
    price: str
    currency: str
    category_name: str
    quantity: int
