"""What is offered while somebody types: the bodies that ask for it and how the answer is read; pure, for the reader.

A word being typed is a word's beginning, so the field `prefixes` holds beginnings (edge n-grams) and a spelling that
is nearly a beginning is found by ordinary fuzzy matching on them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from search_indexer.category_labels import unpacked_label
from search_indexer.query.answers import SuggestAnswer, SuggestedCategory, SuggestedProduct
from search_indexer.query.filters import NOT_DELETED, stock_clause
from search_indexer.query.prefix_match import has_word_beginning
from search_indexer.query.requests import SuggestRequest
from search_indexer.sortable_titles import sortable_title

Body = dict[str, Any]

SHORTEST_MISSPELT = 3
"""Characters from which on a spelling may be wrong."""

IN_STOCK_FIRST = 1_000.0
TITLE_BEGINS = 10.0
MOST_BRANDS = 2
MOST_CATEGORIES = 3
LONGEST_COMPLETION = 60
"""Characters of a title offered as a text to search for."""

SHOWN_FIELDS = ["id", "title", "price_minor", "currency", "image_link"]


def suggest_body(request: SuggestRequest, text: str, *, misspelt: bool) -> Body:
    """Ask for products with words that begin with the typed ones, or nearly so, and their brands and categories."""
    return {
        "query": _query(request, text, misspelt=misspelt),
        "size": 2 * request.limit,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": SHOWN_FIELDS,
        "aggs": {
            "brands": {"terms": {"field": "brand", "size": 20}},
            "categories": {"terms": {"field": "category_labels", "size": 50}},
        },
    }


def read_suggestions(
    request: SuggestRequest, text: str, response: Mapping[str, Any], *, misspelt: bool
) -> SuggestAnswer:
    """Read products with distinct titles, and the brands and categories whose own names fit what was typed."""
    products = _products(response)[: request.limit]
    categories = _categories(response, text, misspelt=misspelt)
    brands = [bucket["key"] for bucket in response["aggregations"]["brands"]["buckets"]]
    texts = [
        *[brand for brand in brands if has_word_beginning(brand, text, misspelt=misspelt)][:MOST_BRANDS],
        *[category.name for category in categories][:MOST_CATEGORIES],
        *[_shortened(product.title) for product in products],
    ]
    return SuggestAnswer(
        suggestions=_distinct(texts)[: request.limit],
        products=products,
        categories=categories[: request.limit],
    )


def _query(request: SuggestRequest, text: str, *, misspelt: bool) -> Body:
    beginnings: Body = {"query": text, "operator": "and"}
    if misspelt:
        beginnings |= {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 50}
    preferred: list[Body] = [
        {"match": {"names": {"query": text}}},
        {"prefix": {"title_sort": {"value": sortable_title(text)[:LONGEST_COMPLETION], "boost": TITLE_BEGINS}}},
    ]
    if request.store_id is not None:
        there = stock_clause(request.store_id, in_stock=True)
        preferred.append({"constant_score": {"filter": there, "boost": IN_STOCK_FIRST}})
    return {"bool": {"must": [{"match": {"prefixes": beginnings}}], "should": preferred, "filter": [NOT_DELETED]}}


def _products(response: Mapping[str, Any]) -> list[SuggestedProduct]:
    first: dict[str, Mapping[str, Any]] = {}
    for hit in response["hits"]["hits"]:
        first.setdefault(hit["_source"]["title"].casefold(), hit["_source"])
    return [
        SuggestedProduct(
            id=source["id"],
            title=source["title"],
            price_minor=source["price_minor"],
            currency=source["currency"],
            image_link=source.get("image_link"),
        )
        for source in first.values()
    ]


def _categories(response: Mapping[str, Any], text: str, *, misspelt: bool) -> list[SuggestedCategory]:
    found: dict[str, SuggestedCategory] = {}
    for bucket in response["aggregations"]["categories"]["buckets"]:
        label = unpacked_label(bucket["key"])
        if has_word_beginning(label.name, text, misspelt=misspelt):
            suggested = SuggestedCategory(id=label.id, slug=label.slug, name=label.name, count=bucket["doc_count"])
            found.setdefault(label.slug, suggested)
    return list(found.values())


def _distinct(texts: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.casefold(), text)
    return list(first.values())


def _shortened(title: str) -> str:
    if len(title) <= LONGEST_COMPLETION:
        return title
    return title[:LONGEST_COMPLETION].rsplit(" ", 1)[0]
