"""One document of the products' index, field by field as the mapping has it; written by search_indexer.index."""

from datetime import datetime

import msgspec


class SearchDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product at one `version`. A deleted one has `id`, `version` and `deleted` alone.

    `price_minor` counts minor units of `currency`. The three category lists run from the root to the product's own
    category; `category_labels` packs id, parent's slug, slug and name, so that a facet can name its buckets.
    `attributes` holds normalised strings only (search_indexer.attributes), `attribute_keys` which there are.
    `group_key` is "g:" and the group, or "p:" and the id of a product without one: variants of a group share it.
    """

    id: int
    version: int
    deleted: bool
    sku: str | None = None
    group_id: str | None = None
    group_key: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    identifiers: list[str] = []
    codes: list[str] = []
    title: str | None = None
    title_sort: str | None = None
    description: str = ""
    brand: str | None = None
    category_name: str | None = None
    category_kinds: list[str] = []
    category_path: list[str] = []
    category_ids: list[int] = []
    category_slugs: list[str] = []
    category_labels: list[str] = []
    price_minor: int | None = None
    currency: str | None = None
    image_link: str | None = None
    attributes: dict[str, list[str]] = {}
    attribute_keys: list[str] = []
    attributes_text: list[str] = []
    in_stock_store_ids: list[int] = []
    popularity: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
