"""Bodies of `/products`."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Currency, Id, Link, LongText, Name, Pieces, Price, Word

Attributes = Annotated[dict[Annotated[str, Meta(min_length=1, max_length=100)], Any], Meta(max_length=200)]


class NewProductBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product to be; `name` is the earlier word for `title`, `category` an id, a slug or a name."""

    title: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    price: Price
    currency: Currency | None = None
    category: Id | Word
    description: LongText = ""
    sku: Word | None = None
    brand: Word | None = None
    group_id: Word | None = None
    gtin: Word | None = None
    mpn: Word | None = None
    image_link: Link | None = None
    attributes: Attributes = {}
    stock: Pieces | None = None


class ProductChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; what is absent stays as it is, null empties what may be empty."""

    title: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    price: Price | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    category: Id | Word | UnsetType = UNSET
    description: LongText | UnsetType = UNSET
    sku: Word | UnsetType = UNSET
    brand: Word | None | UnsetType = UNSET
    group_id: Word | None | UnsetType = UNSET
    gtin: Word | None | UnsetType = UNSET
    mpn: Word | None | UnsetType = UNSET
    image_link: Link | None | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET


class ProductBody(msgspec.Struct, frozen=True, kw_only=True):
    """One product; `quantity` is what is available, over all stores or of the store that was asked for."""

    id: int
    sku: str
    group_id: str | None
    title: str
    description: str
    brand: str | None
    category_id: int
    category_name: str
    category_slug: str
    category_path: list[str]
    price: str
    currency: str
    quantity: int
    in_stock: bool
    gtin: str | None
    mpn: str | None
    image_link: str | None
    attributes: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
