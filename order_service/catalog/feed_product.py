"""Reads one line of a merchant product feed; called by the product import, pure.

The field names are those of merchant feeds (docs/reference/product-feed.md); unknown fields are ignored.
"""

from typing import NamedTuple

import msgspec

from order_service.catalog.import_report import BadLine
from order_service.catalog.json_lines import decode_line
from order_service.catalog.product_rules import product_faults
from schemas.money import CURRENCY_EXPONENTS, to_minor_units

DEFAULT_CATEGORY = ("Other",)
"""Where a product without `product_type` goes."""

MAX_CATEGORY_DEPTH = 8
MAX_CATEGORY_NAME = 100
PATH_SEPARATOR = ">"
FEED_NAMES = {"sku": "id", "group_id": "item_group_id"}

AttributeValue = str | int | float | bool


class FeedLine(msgspec.Struct):
    """A line as a merchant writes it."""

    id: str | int | None = None
    title: str | None = None
    price: str | None = None
    description: str | None = None
    brand: str | None = None
    product_type: str | None = None
    gtin: str | int | None = None
    mpn: str | int | None = None
    image_link: str | None = None
    item_group_id: str | int | None = None
    attributes: dict[str, AttributeValue | None] | None = None


class FeedProduct(NamedTuple):
    """A line as a product row is written from it; `attributes` is JSON text, `category` the path of names."""

    sku: str
    title: str
    description: str
    price_minor: int
    category: tuple[str, ...]
    brand: str | None
    group_id: str | None
    gtin: str | None
    mpn: str | None
    image_link: str | None
    attributes: str


_decoder = msgspec.json.Decoder(FeedLine)
_encoder = msgspec.json.Encoder(order="sorted")


def parse_feed_line(content: bytes, currency: str) -> FeedProduct:
    """Turn one line into a product priced in `currency`; raises BadLine with every reason found."""
    line = decode_line(_decoder, content)
    missing = [name for name in ("id", "title", "price") if not _trimmed(getattr(line, name))]
    if missing:
        raise BadLine(f"{', '.join(missing)} missing")
    attributes = {key: value for key, value in (line.attributes or {}).items() if value is not None}
    product = FeedProduct(
        sku=_trimmed(line.id) or "",
        title=_trimmed(line.title) or "",
        description=_trimmed(line.description) or "",
        price_minor=parse_price(line.price or "", currency),
        category=parse_category(line.product_type),
        brand=_trimmed(line.brand),
        group_id=_trimmed(line.item_group_id),
        gtin=_trimmed(line.gtin),
        mpn=_trimmed(line.mpn),
        image_link=_trimmed(line.image_link),
        attributes=_encoder.encode(attributes).decode(),
    )
    faults = product_faults({**product._asdict(), "attributes": attributes})
    if faults:
        named = ((FEED_NAMES.get(fault.field, fault.field), fault.message) for fault in faults)
        raise BadLine("; ".join(f"{field}: {message}" for field, message in named))
    return product


def parse_price(raw: str, currency: str) -> int:
    """Read `125.95 USD` as 12595; raises BadLine when it is no such price or not in the shop's currency."""
    amount, _, code = " ".join(raw.split()).partition(" ")
    if code not in CURRENCY_EXPONENTS:
        raise BadLine(f"price: unknown currency {code[:20]!r}, expected for example '12.50 {currency}'")
    if code != currency:
        raise BadLine(f"price: in {code}, the shop's currency is {currency}")
    try:
        price = to_minor_units(amount, currency)
    except ValueError as error:
        raise BadLine(f"price: {error}") from error
    if price == 0:
        raise BadLine("price: must be above zero")
    return price


def parse_category(product_type: str | None) -> tuple[str, ...]:
    """Read `Department > category` as a path of names; empty steps fall out, none means the default."""
    path = tuple(step for raw in (product_type or "").split(PATH_SEPARATOR) if (step := raw.strip()))
    if len(path) > MAX_CATEGORY_DEPTH:
        raise BadLine(f"product_type: more than {MAX_CATEGORY_DEPTH} levels")
    for step in path:
        if len(step) > MAX_CATEGORY_NAME or "\x00" in step:
            raise BadLine(f"product_type: a name over {MAX_CATEGORY_NAME} characters or with a NUL character")
    return path or DEFAULT_CATEGORY


def _trimmed(value: str | int | None) -> str | None:
    return (str(value).strip() or None) if value is not None else None
