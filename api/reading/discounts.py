"""Turns bodies of discount codes into what their use cases take; called by the handler. Amounts are checked already."""

from typing import Any

import msgspec
from msgspec import UNSET

from order_service.pricing.discount_codes import DiscountCodeChanges, NewDiscountCode
from schemas.http_api.discounts import DiscountChangesBody, NewDiscountBody
from schemas.money import to_minor_units
from schemas.percent import to_ppm

ABSENT = (None, UNSET)


def new_discount(body: NewDiscountBody, currency: str) -> NewDiscountCode:
    """Read a code to be."""
    return NewDiscountCode(**_converted(msgspec.structs.asdict(body), currency))


def discount_changes(body: DiscountChangesBody, currency: str) -> DiscountCodeChanges:
    """Read the changes of a code."""
    return DiscountCodeChanges(**_converted(msgspec.structs.asdict(body), currency))


def _converted(fields: dict[str, Any], currency: str) -> dict[str, Any]:
    """Put millionths and minor units in the place of percentages and amounts."""
    percent, amount, least = (fields.pop(name) for name in ("percent", "amount", "min_items_total"))
    return {
        **fields,
        "ppm": percent if percent in ABSENT else to_ppm(percent),
        "amount_minor": amount if amount in ABSENT else to_minor_units(amount, currency),
        "min_items_minor": least if least in ABSENT else to_minor_units(least, currency),
    }
