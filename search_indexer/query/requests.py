"""What a search or suggest request holds, already read and checked by `api`; the query builder takes these."""

from typing import Literal

import msgspec

Sort = Literal["relevance", "price", "-price", "newest", "title"]
Mode = Literal["hybrid", "lexical"]

RESULT_WINDOW = 10_000
"""Hits that `page` can reach: page * page_size must not pass it (the index's `max_result_window`)."""

ATTRIBUTES = "attributes"
"""Asks for the facets of those attributes that tell apart what was found."""

ATTRIBUTE_FACET = "attr."

FACET_NAMES = frozenset({"brand", "category", "price", "in_stock", "store", ATTRIBUTES})
"""What `facets` may name; besides, `attr.<key>` asks for one attribute's."""


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One search. Values of one filter are alternatives, different filters must all hold.

    `category` takes slugs or ids (as text) and includes descendants; prices count minor units, both bounds
    inclusive; `store_id` narrows nothing by itself, it is the store that `in_stock` asks about; `attributes`
    maps a key to its wanted values; with `collapse` the variants of a group are one hit; `page` starts at 1; `facets`
    names what to count (see FACET_NAMES).
    """

    q: str = ""
    category: list[str] = []
    brand: list[str] = []
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    store_id: int | None = None
    in_stock: bool | None = None
    attributes: dict[str, list[str]] = {}
    sort: Sort = "relevance"
    page: int = 1
    page_size: int = 20
    cursor: str | None = None
    facets: tuple[str, ...] = ()
    collapse: bool = True
    mode: Mode = "lexical"
    highlight: bool = True


class SuggestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed so far; products in stock at `store_id` come first; `limit` bounds each of the three lists."""

    q: str
    store_id: int | None = None
    limit: int = 10
