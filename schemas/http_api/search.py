"""Answers of `/search/products` and `/search/suggest`."""

import msgspec
from msgspec import UNSET, UnsetType


class VariantBody(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a group that was found; `attributes` are those in which the listed variants differ."""

    id: int
    sku: str
    title: str
    price: str
    quantity: int | None
    in_stock: bool
    image_link: str | None
    attributes: dict[str, list[str]]


class SearchHitBody(msgspec.Struct, frozen=True, kw_only=True):
    """One product found; `quantity` is live, or null when Postgres could not be asked (then `degraded` is set).

    Where variants are collapsed it stands for `variant_count` of its group, and `variants` lists the first of them,
    itself included; without a group the list is empty.
    """

    id: int
    sku: str
    title: str
    description: str
    brand: str | None
    category_name: str
    category_path: list[str]
    price: str
    currency: str
    quantity: int | None
    in_stock: bool
    image_link: str | None
    highlight: dict[str, str]
    group_id: str | None
    variant_count: int
    variants: list[VariantBody]


class FacetValueBody(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket; `from` and `to` (both inclusive, null is open) are in price ranges, `parent` in the category tree."""

    value: str
    label: str
    count: int
    selected: bool
    parent: str | None | UnsetType = UNSET
    from_: str | None | UnsetType = msgspec.field(default=UNSET, name="from")
    to: str | None | UnsetType = UNSET


class FacetBody(msgspec.Struct, frozen=True, kw_only=True):
    """One facet with its buckets; `lowest` and `highest` are the prices found, in the price facet (null: none)."""

    name: str
    type: str
    values: list[FacetValueBody]
    lowest: str | None | UnsetType = UNSET
    highest: str | None | UnsetType = UNSET


class SearchBody(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a search; `redirect`, `stale` and `degraded` are there only when they hold.

    `next_cursor` is null at the end; pages chosen by number from 2 on and degraded answers have none.
    """

    query_id: str
    count: int
    page: int
    page_size: int
    results: list[SearchHitBody]
    facets: list[FacetBody]
    did_you_mean: str | None
    answered_by: str
    index_lag_ms: int | None
    next_cursor: str | None | UnsetType = UNSET
    redirect: str | UnsetType = UNSET
    stale: bool | UnsetType = UNSET
    degraded: bool | UnsetType = UNSET


class SuggestedProductBody(msgspec.Struct, frozen=True, kw_only=True):
    """A product to jump to."""

    id: int
    title: str
    price: str
    currency: str
    image_link: str | None


class SuggestedCategoryBody(msgspec.Struct, frozen=True, kw_only=True):
    """A category to jump to."""

    id: int
    slug: str
    name: str
    count: int


class SuggestBody(msgspec.Struct, frozen=True, kw_only=True):
    """Completions of what was typed, each list best first."""

    suggestions: list[str]
    products: list[SuggestedProductBody]
    categories: list[SuggestedCategoryBody]
