"""Reads the parameters of search and suggest; called by the search handlers."""

from typing import get_args

import msgspec

from api.reading.query_parameters import QueryParameters
from search_indexer.query.cursor import LONGEST
from search_indexer.query.requests import (
    ATTRIBUTE_FACET,
    FACET_NAMES,
    RESULT_WINDOW,
    Mode,
    SearchRequest,
    Sort,
    SuggestRequest,
)

QUERY_MAX = 1_000
CURSOR_MAX = LONGEST
SUGGEST_MAX = 200
SUGGEST_LIMIT, SUGGEST_LIMIT_MAX = 10, 20
MAX_FACETS = 20
SORTS: tuple[str, ...] = get_args(Sort)
MODES: tuple[str, ...] = get_args(Mode)


def read_search(parameters: QueryParameters, currency: str, mode: str) -> SearchRequest:
    """Read a search, in that mode unless it names one; raises InvalidInput naming every faulty parameter."""
    page, page_size = parameters.page(RESULT_WINDOW)
    low, high = parameters.price_range(currency)
    cursor = parameters.text("cursor", CURSOR_MAX)
    if cursor is not None and page > 1:
        parameters.fault("page", "cannot be chosen beside a cursor")
    read = {
        "q": search_words(parameters, QUERY_MAX) or "",
        "category": parameters.texts("category"),
        "brand": parameters.texts("brand"),
        "price_min_minor": low,
        "price_max_minor": high,
        "store_id": parameters.id("store_id"),
        "in_stock": parameters.boolean("in_stock"),
        "attributes": parameters.prefixed(ATTRIBUTE_FACET),
        "sort": parameters.choice("sort", SORTS, "relevance"),
        "page": page,
        "page_size": page_size,
        "cursor": cursor,
        "facets": facet_names(parameters),
        "collapse": parameters.boolean("collapse") is not False,
        "mode": parameters.choice("mode", MODES, mode),
    }
    parameters.finish()
    return msgspec.convert(read, SearchRequest)


def read_explain(parameters: QueryParameters, currency: str, mode: str) -> tuple[int, SearchRequest]:
    """Read which product to explain in which search; raises InvalidInput naming every faulty parameter."""
    product_id = parameters.id("product_id")
    if product_id is None:
        parameters.fault("product_id", "says which product to explain")
    if parameters.is_given("cursor"):
        parameters.fault("cursor", "is of no use here: places are counted from the first page on")
    wanted = read_search(parameters, currency, mode)
    return product_id or 0, wanted


def read_suggest(parameters: QueryParameters) -> SuggestRequest:
    """Read what was typed; raises InvalidInput naming every faulty parameter."""
    words = search_words(parameters, SUGGEST_MAX) or ""
    store_id = parameters.id("store_id")
    limit = parameters.integer("limit", 1, SUGGEST_LIMIT_MAX) or SUGGEST_LIMIT
    parameters.finish()
    return SuggestRequest(q=words, store_id=store_id, limit=limit)


def search_words(parameters: QueryParameters, max_length: int) -> str | None:
    """Read `q` or its earlier synonym `search`; both at once must agree."""
    words, earlier = parameters.text("q", max_length), parameters.text("search", max_length)
    if words and earlier and words != earlier:
        parameters.fault("search", "contradicts q")
    return words or earlier


def facet_names(parameters: QueryParameters) -> tuple[str, ...]:
    """Read `facets`: names with commas between them, or repeated."""
    given = [part.strip() for value in parameters.texts("facets", QUERY_MAX) for part in value.split(",")]
    names = tuple(dict.fromkeys(name for name in given if name))
    unknown = [name for name in names if name not in FACET_NAMES and not is_attribute_facet(name)]
    if unknown:
        parameters.fault("facets", f"knows {', '.join(sorted(FACET_NAMES))} and {ATTRIBUTE_FACET}<key>")
    if len(names) > MAX_FACETS:
        parameters.fault("facets", f"takes at most {MAX_FACETS} names")
    return names


def is_attribute_facet(name: str) -> bool:
    """Whether the name asks for an attribute's facet."""
    return name.startswith(ATTRIBUTE_FACET) and len(name) > len(ATTRIBUTE_FACET)
