"""The whole public state of one product, as `product.v1` carries it and the index is built from it."""

from datetime import datetime
from typing import Any

import msgspec

PRODUCT_CHANGED = "aisle.product.changed.v1"
PRODUCT_DELETED = "aisle.product.deleted.v1"


class CategoryPath(msgspec.Struct, frozen=True):
    """A category with its ancestors, from the root to itself in each list."""

    ids: list[int]
    names: list[str]
    slugs: list[str]


class ProductSnapshot(msgspec.Struct, frozen=True):
    """One product at one `version`; a deleted one keeps its last fields and says `deleted`.

    `price_minor` counts minor units of `currency`; `in_stock_store_ids` (ascending) are the stores where
    on hand − reserved is above zero; `popularity` is 0 to 100 in steps of ten, from sales and clicks of late.
    """

    id: int
    sku: str
    version: int
    title: str
    description: str
    category: CategoryPath
    price_minor: int
    currency: str
    created_at: datetime
    updated_at: datetime
    brand: str | None = None
    group_id: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    image_link: str | None = None
    attributes: dict[str, Any] = {}
    in_stock_store_ids: list[int] = []
    popularity: int = 0
    deleted: bool = False
