"""What a store's fields may hold; asked by the store import and by the writing of single stores. Pure."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from order_service.errors import FieldFault

TEXT_BOUNDS = {"code": 50, "name": 200, "city": 100, "region": 100, "postal_code": 20, "country": 60}
"""Longest value of each text field, in characters."""

REQUIRED_TEXTS = ("code", "name")
DEGREE_BOUNDS = {"latitude": 90, "longitude": 180}


def store_faults(fields: Mapping[str, Any]) -> list[FieldFault]:
    """Check the fields that are there; absent ones are not missed, a None coordinate is none."""
    faults = [fault for name in TEXT_BOUNDS if name in fields for fault in _text_faults(name, fields[name])]
    return faults + [
        FieldFault(name, f"must be from -{bound} to {bound} degrees")
        for name, bound in DEGREE_BOUNDS.items()
        if (value := fields.get(name)) is not None and not (math.isfinite(value) and abs(value) <= bound)
    ]


def _text_faults(name: str, value: str) -> Iterator[FieldFault]:
    if not value and name in REQUIRED_TEXTS:
        yield FieldFault(name, "must not be empty")
    if len(value) > TEXT_BOUNDS[name]:
        yield FieldFault(name, f"longer than {TEXT_BOUNDS[name]} characters")
    if "\x00" in value:
        yield FieldFault(name, "holds a NUL character")
