"""Bodies of `/account/addresses`; what makes an address acceptable is decided in `order_service.accounts`."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from schemas.http_api.marks import ShortText


class NewAddressBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address for the book; the first one is the default unless told otherwise."""

    name: ShortText
    line1: ShortText
    city: ShortText
    country: ShortText
    line2: ShortText = ""
    region: ShortText = ""
    postal_code: ShortText = ""
    phone: ShortText = ""
    label: ShortText = ""
    is_default: bool | UnsetType = UNSET


class AddressChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is absent stays as it is, an empty text takes a field away."""

    name: ShortText | UnsetType = UNSET
    line1: ShortText | UnsetType = UNSET
    city: ShortText | UnsetType = UNSET
    country: ShortText | UnsetType = UNSET
    line2: ShortText | UnsetType = UNSET
    region: ShortText | UnsetType = UNSET
    postal_code: ShortText | UnsetType = UNSET
    phone: ShortText | UnsetType = UNSET
    label: ShortText | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


class AddressBody(msgspec.Struct, frozen=True, kw_only=True):
    """One address of the book."""

    id: int
    label: str
    is_default: bool
    name: str
    line1: str
    city: str
    country: str
    created_at: datetime
    updated_at: datetime
    line2: str = ""
    region: str = ""
    postal_code: str = ""
    phone: str = ""
