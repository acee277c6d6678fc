"""The faceted search that Elasticsearch is asked straight for a reference, as the API asked it on 2026-11-21; frozen.

What the API asks may become less, by rankings of ids and products kept in memory; the reference stays the whole body:
hits with their fields, marked words, an exact total and four facets.
"""

from typing import Any

from search_indexer.query.requests import SearchRequest

Body = dict[str, Any]

FIELDS = [
    "title^4",
    "codes^4",
    "category_name^3",
    "brand.text^2",
    "category_path",
    "description",
    "attributes_text^0.3",
]
SHOWN = [
    *("id", "sku", "version", "title", "description", "brand", "category_name", "category_path", "price_minor"),
    *("currency", "image_link", "in_stock_store_ids"),
]
PRICE_EDGES = (0, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
IN_STOCK = {"exists": {"field": "in_stock_store_ids"}}


def reference_body(search: SearchRequest) -> Body:
    """Ask for the first page of products with all words, among the brand's if one is chosen."""
    chosen = [{"terms": {"brand": search.brand}}] if search.brand else []
    filtered: Body = {"post_filter": {"bool": {"filter": chosen}}} if chosen else {}
    return {
        "query": {"bool": {"must": [_words(search.q)], "filter": [{"term": {"deleted": False}}]}},
        "from": 0,
        "size": 20,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "track_total_hits": True,
        "_source": SHOWN,
        "aggs": {
            name: {"filter": {"bool": {"filter": [] if name == "brand" else chosen}}, "aggs": counts}
            for name, counts in _facets().items()
        },
        "highlight": {
            "encoder": "html",
            "max_analyzed_offset": 10_000,
            "require_field_match": False,
            "fields": {
                "title": {"number_of_fragments": 0},
                "description": {"number_of_fragments": 1, "fragment_size": 160},
            },
        },
        **filtered,
    }


def _words(text: str) -> Body:
    words = text.split()
    joined = [" ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]]) for at in range(len(words) - 1)]
    ways: list[Body] = [
        {"multi_match": {"query": each, "type": "cross_fields", "fields": FIELDS, "operator": "and"}}
        for each in (text, *joined)
    ]
    ways.append({"match": {"models": {"query": text, "operator": "and"}}})
    functions = [
        {"filter": {"match": {"category_kinds": " ".join([words[-1], "".join(words[-2:])])}}, "weight": 1.5},
        {"filter": {"match_phrase": {"title": text}}, "weight": 1.5},
    ]
    scored = {"query": {"dis_max": {"queries": ways}}, "functions": functions}
    return {"function_score": {**scored, "score_mode": "multiply", "boost_mode": "multiply"}}


def _facets() -> dict[str, Body]:
    ranges = [
        {"range": {"price_minor": {"gte": low} if high is None else {"gte": low, "lte": high - 1}}}
        for low, high in zip(PRICE_EDGES, (*PRICE_EDGES[1:], None), strict=True)
    ]
    return {
        "brand": {"values": {"terms": {"field": "brand", "size": 50}}},
        "category": {
            "values": {"terms": {"field": "category_slugs", "size": 300}},
            "labels": {"terms": {"field": "category_labels", "size": 600}},
        },
        "price": {"values": {"filters": {"filters": ranges}}},
        "in_stock": {"values": {"filters": {"filters": [IN_STOCK, {"bool": {"must_not": [IN_STOCK]}}]}}},
    }
