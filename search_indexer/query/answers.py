"""What a search or suggest answers with; `api` turns these into HTTP bodies and adds live quantities."""

from typing import Literal

import msgspec

AnsweredBy = Literal["exact", "all_words", "most_words", "fuzzy", "meaning", "none", "browse"]
FacetType = Literal["terms", "tree", "ranges", "boolean"]


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a group that was found; `attributes` are those in which the listed variants differ."""

    id: int
    sku: str
    title: str
    price_minor: int
    image_link: str | None
    in_stock_store_ids: list[int]
    attributes: dict[str, list[str]]


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """One product found, as it was indexed at `version`; `highlight` maps a field to HTML with <em> around words.

    Where groups are collapsed it stands for `variant_count` variants of its group that match, itself included, of
    which the first are listed.
    """

    id: int
    sku: str
    version: int
    title: str
    description: str
    brand: str | None
    category_name: str
    category_path: list[str]
    price_minor: int
    currency: str
    image_link: str | None
    in_stock_store_ids: list[int]
    highlight: dict[str, str] = {}
    group_id: str | None = None
    variant_count: int = 1
    variants: list[Variant] = []


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket: choosing `value` alone in its facet, everything else as it is, finds `count` products.

    `parent` is the slug above, in the category tree only. `from_minor` and `to_minor` are in price ranges only,
    both inclusive as `price_min` and `price_max` are; None is open.
    """

    value: str
    label: str
    count: int
    selected: bool = False
    parent: str | None = None
    from_minor: int | None = None
    to_minor: int | None = None


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """One facet's buckets, most products first (price ranges: cheapest first); chosen values are always among them.

    `lowest_minor` and `highest_minor` are the ends of the prices found, in the price facet only.
    """

    name: str
    type: FacetType
    values: list[FacetValue]
    lowest_minor: int | None = None
    highest_minor: int | None = None


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where on the ladder an answer was found, so that a walk through it stays there.

    `step` counts down the ladder: 0 the first rung, 1 the widened one, 2 and on the lower ones for a text that was read
    as `meant`. `has_nearest` says whether the nearest products belong to the answer.
    """

    step: int = 0
    meant: str | None = None
    has_nearest: bool = False


class SearchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One page of hits; `count` is the exact total.

    `redirect` is where a rule sends whoever types this: an address, or a path of the shop. A cursor goes on from
    `place` and `head`, the first ids of a ranking that was fused from two. `has_groups` says of an uncollapsed answer
    that some of what it found or counted are variants of a group.
    """

    count: int
    hits: list[SearchHit]
    facets: list[Facet]
    answered_by: AnsweredBy
    did_you_mean: str | None = None
    redirect: str | None = None
    place: Place = Place()
    head: list[int] = []
    has_groups: bool = False


class SuggestedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product to jump to."""

    id: int
    title: str
    price_minor: int
    currency: str
    image_link: str | None


class SuggestedCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category to jump to; `count` live products are in it or below it."""

    id: int
    slug: str
    name: str
    count: int


class SuggestAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Texts to complete to, products and categories, each best first."""

    suggestions: list[str]
    products: list[SuggestedProduct]
    categories: list[SuggestedCategory]
