"""Bodies of `/orders/{order_id}/parcels`."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.http_api.marks import Link, ShortText
from schemas.http_api.orders import MAX_LINES, Quantity

LineNumber = Annotated[int, Meta(ge=1, le=MAX_LINES)]
Carrier = Annotated[str, Meta(min_length=1, max_length=100)]


class PackedLineBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many pieces of a line; `line` is the `id` of the order's item."""

    line: LineNumber
    quantity: Quantity


class NewParcelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parcel; without `lines` everything goes in that is in no other one."""

    carrier: Carrier
    tracking_number: ShortText = ""
    tracking_link: Link | None = None
    lines: Annotated[list[PackedLineBody], Meta(min_length=1, max_length=MAX_LINES)] | None = None


class ParcelBody(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel."""

    id: int
    carrier: str
    tracking_number: str
    tracking_link: str | None
    lines: list[PackedLineBody]
    created_at: datetime
