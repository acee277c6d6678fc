"""What a product's fields may hold; asked by the feed reader and by the writing of single products.

Pure: values in, faults out. The bounds are documented in docs/reference/product-feed.md.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from order_service.errors import FieldFault
from schemas.money import MAX_MINOR_UNITS

TEXT_BOUNDS = {
    "sku": 100,
    "group_id": 100,
    "title": 500,
    "description": 20_000,
    "brand": 255,
    "gtin": 50,
    "mpn": 255,
    "image_link": 2_000,
}
"""Longest value of each text field, in characters."""

REQUIRED_TEXTS = ("sku", "title")
MAX_ATTRIBUTES = 64
MAX_ATTRIBUTE_KEY = 100
MAX_ATTRIBUTE_TEXT = 10_000
MAX_ATTRIBUTE_NUMBER = 10**15
"""Below 2**53, so that a number is the same in JSON, Postgres and the index."""

NUL = "\x00"
"""The one character that a Postgres text cannot hold."""


def product_faults(fields: Mapping[str, Any]) -> list[FieldFault]:
    """Check the fields that are there; absent ones are not missed. `price_minor` is told of as `price`."""
    faults = [fault for name in TEXT_BOUNDS if name in fields for fault in _text_faults(name, fields[name])]
    if "price_minor" in fields:
        faults += _price_faults(fields["price_minor"])
    if fields.get("image_link"):
        faults += _link_faults(fields["image_link"])
    if "attributes" in fields:
        faults += _attribute_faults(fields["attributes"])
    return faults


def _text_faults(name: str, value: str | None) -> Iterator[FieldFault]:
    if not value:
        if name in REQUIRED_TEXTS:
            yield FieldFault(name, "must not be empty")
        return
    if len(value) > TEXT_BOUNDS[name]:
        yield FieldFault(name, f"longer than {TEXT_BOUNDS[name]} characters")
    if NUL in value:
        yield FieldFault(name, "holds a NUL character")


def _price_faults(price_minor: int) -> Iterator[FieldFault]:
    if price_minor <= 0:
        yield FieldFault("price", "must be above zero")
    elif price_minor > MAX_MINOR_UNITS:
        yield FieldFault("price", "too large")


def _link_faults(link: str) -> Iterator[FieldFault]:
    try:
        parts = urlsplit(link)
    except ValueError:
        yield FieldFault("image_link", "not an http or https address")
        return
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield FieldFault("image_link", "not an http or https address")


def _attribute_faults(attributes: Mapping[str, Any]) -> Iterator[FieldFault]:
    if len(attributes) > MAX_ATTRIBUTES:
        yield FieldFault("attributes", f"more than {MAX_ATTRIBUTES} keys")
    for key, value in attributes.items():
        fault = _key_fault(key) or _value_fault(value)
        if fault:
            yield FieldFault(f"attributes.{key[:MAX_ATTRIBUTE_KEY]}", fault)


def _key_fault(key: str) -> str | None:
    if not key.strip():
        return "an attribute needs a name"
    if len(key) > MAX_ATTRIBUTE_KEY:
        return f"name longer than {MAX_ATTRIBUTE_KEY} characters"
    return "name holds a NUL character" if NUL in key else None


def _value_fault(value: Any) -> str | None:
    if isinstance(value, str):
        if len(value) > MAX_ATTRIBUTE_TEXT:
            return f"longer than {MAX_ATTRIBUTE_TEXT} characters"
        return "holds a NUL character" if NUL in value else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return None if math.isfinite(value) and abs(value) <= MAX_ATTRIBUTE_NUMBER else "number out of range"
    return "must be a text, a number or true or false"
