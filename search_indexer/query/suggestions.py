"""What is offered while somebody types: the bodies that ask for it and how the answer is put together; pure.

Texts come from the vocabulary in memory, products from Elasticsearch. A word being typed is a word's beginning, so the
field `prefixes` holds beginnings (edge n-grams) and a spelling that is nearly a beginning is found by ordinary fuzzy
matching on them; the products found so say how the texts are to be spelt.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.category_labels import unpacked_label
from search_indexer.query.answers import SuggestAnswer, SuggestedCategory, SuggestedProduct
from search_indexer.query.filters import NOT_DELETED, stock_clause
from search_indexer.query.ladder import popularity_factor
from search_indexer.query.prefix_match import words_as_meant, words_of
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.vocabulary import MOST_NAMES, Names, Vocabulary
from search_indexer.sortable_titles import sortable_title

Body = dict[str, Any]

SHORTEST_MISSPELT = 3
"""Characters from which on a spelling may be wrong."""

IN_STOCK_FIRST = 1_000.0
TITLE_BEGINS = 10.0
SAME_TITLES = 5
"""Hits asked for beyond the limit, since of those with one title the first is shown alone."""

MOST_BRANDS = 2
MOST_CATEGORIES = 3
LONGEST_COMPLETION = 60
"""Characters of a title offered as a text to search for."""

SHOWN_FIELDS = ["id", "title", "price_minor", "currency", "image_link", "brand", "category_slugs"]

NAMES_BODY: Body = {
    "query": NOT_DELETED,
    "size": 0,
    "track_total_hits": False,
    "aggs": {
        "brands": {"terms": {"field": "brand", "size": MOST_NAMES}},
        "categories": {"terms": {"field": "category_labels", "size": MOST_NAMES}},
    },
}


class ProductHit(msgspec.Struct, frozen=True, kw_only=True):
    """A product whose words begin as typed, with what it says of brands and categories."""

    product: SuggestedProduct
    brand: str | None
    category_slugs: Sequence[str]


class FoundProducts(msgspec.Struct, frozen=True):
    """Hits, best first; `typed` is what was typed, in the spelling that the hits have."""

    typed: str
    hits: Sequence[ProductHit] = ()


def suggest_body(request: SuggestRequest, text: str, *, misspelt: bool) -> Body:
    """Ask for products with words that begin with the typed ones, or nearly so; in stock at the store comes first."""
    matched = {"bool": {"must": [_beginnings(text, misspelt=misspelt)], "should": _preferred(text)}}
    popular = {"function_score": {"query": matched, "functions": [popularity_factor()]}}
    there: list[Body] = []
    if request.store_id is not None:
        clause = stock_clause(request.store_id, in_stock=True)
        there.append({"constant_score": {"filter": clause, "boost": IN_STOCK_FIRST}})
    return {
        "query": {"bool": {"must": [popular], "should": there, "filter": [NOT_DELETED]}},
        "size": request.limit + SAME_TITLES,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": SHOWN_FIELDS,
    }


def read_products(text: str, response: Mapping[str, Any], *, misspelt: bool) -> FoundProducts:
    """Read the hits of a `suggest_body`, one a title."""
    first: dict[str, Mapping[str, Any]] = {}
    for hit in response["hits"]["hits"]:
        first.setdefault(hit["_source"]["title"].casefold(), hit["_source"])
    hits = [_hit(source) for source in first.values()]
    typed = words_as_meant(text, _names(hits)) if misspelt else text
    return FoundProducts(typed, hits)


def read_names(response: Mapping[str, Any]) -> Names:
    """Read every brand and category from the answer to NAMES_BODY."""
    found = response["aggregations"]
    categories: dict[str, SuggestedCategory] = {}
    for bucket in found["categories"]["buckets"]:
        label = unpacked_label(bucket["key"])
        suggested = SuggestedCategory(id=label.id, slug=label.slug, name=label.name, count=bucket["doc_count"])
        categories.setdefault(label.slug, suggested)
    return Names([bucket["key"] for bucket in found["brands"]["buckets"]], list(categories.values()))


def put_together(request: SuggestRequest, found: FoundProducts, vocabulary: Vocabulary) -> SuggestAnswer:
    """Offer learned completions first, then brands and categories whose names fit, then titles; each text once."""
    products = [hit.product for hit in found.hits[: request.limit]]
    categories = _fitting_categories(found, vocabulary, request.limit)
    learned = vocabulary.learned.find(found.typed, request.limit)
    most_learned = max(1, request.limit // 2)
    texts = [
        *learned[:most_learned],
        *_fitting_brands(found, vocabulary),
        *[category.name for category in categories][:MOST_CATEGORIES],
        *learned[most_learned:],
        *[_shortened(product.title) for product in products],
    ]
    return SuggestAnswer(suggestions=_distinct(texts)[: request.limit], products=products, categories=categories)


def _beginnings(text: str, *, misspelt: bool) -> Body:
    beginnings: Body = {"query": text, "operator": "and"}
    if misspelt:
        beginnings |= {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 50}
    return {"match": {"prefixes": beginnings}}


def _preferred(text: str) -> list[Body]:
    return [
        {"match": {"names": {"query": text}}},
        {"prefix": {"title_sort": {"value": sortable_title(text)[:LONGEST_COMPLETION], "boost": TITLE_BEGINS}}},
    ]


def _hit(source: Mapping[str, Any]) -> ProductHit:
    product = SuggestedProduct(
        id=source["id"],
        title=source["title"],
        price_minor=source["price_minor"],
        currency=source["currency"],
        image_link=source.get("image_link"),
    )
    return ProductHit(product=product, brand=source.get("brand"), category_slugs=source.get("category_slugs", ()))


def _names(hits: Iterable[ProductHit]) -> list[str]:
    return [name for hit in hits for name in (hit.product.title, hit.brand or "")]


def _fitting_brands(found: FoundProducts, vocabulary: Vocabulary) -> list[str]:
    """Give brands whose name goes on from what was typed; else those of the hits that go on from its last word."""
    whole = vocabulary.brands.find(found.typed, MOST_BRANDS)
    of_hits = {hit.brand for hit in found.hits}
    return whole or [brand for brand in vocabulary.brands.find(_last_word(found.typed), 10) if brand in of_hits]


def _fitting_categories(found: FoundProducts, vocabulary: Vocabulary, most: int) -> list[SuggestedCategory]:
    whole = vocabulary.categories.find(found.typed, most)
    of_hits = {slug for hit in found.hits for slug in hit.category_slugs}
    last = vocabulary.categories.find(_last_word(found.typed), 10) if not whole else []
    return whole or [category for category in last if category.slug in of_hits][:most]


def _last_word(typed: str) -> str:
    return (words_of(typed) or [""])[-1]


def _distinct(texts: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(text.casefold(), text)
    return list(first.values())


def _shortened(title: str) -> str:
    if len(title) <= LONGEST_COMPLETION:
        return title
    return title[:LONGEST_COMPLETION].rsplit(" ", 1)[0]
