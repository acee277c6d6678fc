"""Settings and mapping of the products' index as plain constants, and the small verbs that size it; used by `indexes`.

Core field types and the filters of analysis-common only, so that any distribution of the server can hold it.
A change here that an existing index cannot follow raises MAPPING_VERSION and wants `aisle reindex`.
"""

from typing import Any

from schemas.search_settings import SearchSettings
from search_indexer.embedding_model.prepared_model import DIMENSIONS, MODEL_NAME
from search_indexer.query.requests import RESULT_WINDOW

MAPPING_VERSION = 3

MOST_QUERY_WORDS = 32
"""Words of a query that count; bounds the clauses of every query, whatever tokens a text falls into."""

LONGEST_KEYWORD = 512
"""Characters; far below Lucene's 32,766 bytes a term, so no keyword can have a document refused."""

LONGEST_PREFIX = 15
"""Characters of the longest edge n-gram; nobody types more before choosing."""

FILTERS: dict[str, Any] = {
    "english_possessive": {"type": "stemmer", "language": "possessive_english"},
    "english_light": {"type": "stemmer", "language": "light_english"},
    "first_words": {"type": "limit", "max_token_count": MOST_QUERY_WORDS},
    "edges": {"type": "edge_ngram", "min_gram": 1, "max_gram": LONGEST_PREFIX, "preserve_original": True},
    "longest_prefix": {"type": "truncate", "length": LONGEST_PREFIX},
    "model_parts": {
        "type": "word_delimiter_graph",
        "preserve_original": False,
        "catenate_all": True,
        "split_on_case_change": False,
        "split_on_numerics": False,
        "stem_english_possessive": True,
    },
    "model_joined": {
        "type": "word_delimiter_graph",
        "generate_word_parts": False,
        "generate_number_parts": False,
        "catenate_all": True,
        "split_on_case_change": False,
        "split_on_numerics": False,
    },
}

TOKENIZERS: dict[str, Any] = {
    # Not a filter: a filter's grams share their word's position, and would count as one in minimum_should_match.
    "three_letters": {"type": "ngram", "min_gram": 3, "max_gram": 3, "token_chars": ["letter", "digit"]},
}

STEMMED = ["lowercase", "english_possessive", "asciifolding", "english_light"]
PLAIN = ["lowercase", "asciifolding"]

ANALYZERS: dict[str, Any] = {
    "stemmed": {"tokenizer": "standard", "filter": STEMMED},
    "stemmed_query": {"tokenizer": "standard", "filter": [*STEMMED, "first_words"]},
    "plain": {"tokenizer": "standard", "filter": PLAIN},
    "plain_query": {"tokenizer": "standard", "filter": [*PLAIN, "first_words"]},
    "grams": {"tokenizer": "three_letters", "filter": PLAIN},
    "prefixes": {"tokenizer": "standard", "filter": [*PLAIN, "edges"]},
    "prefixes_query": {"tokenizer": "standard", "filter": [*PLAIN, "longest_prefix", "first_words"]},
    "models": {"tokenizer": "whitespace", "filter": ["model_parts", "flatten_graph", *PLAIN]},
    "models_query": {"tokenizer": "whitespace", "filter": ["model_joined", *PLAIN, "first_words"]},
}

UNRANKED = {"index_options": "docs", "norms": False}
KEYWORD = {"type": "keyword", "ignore_above": LONGEST_KEYWORD}
STEMMED_TEXT = {"type": "text", "analyzer": "stemmed", "search_analyzer": "stemmed_query"}
NAMES = {**STEMMED_TEXT, "copy_to": ["names", "prefixes", "models"]}
GRAMS = {"type": "text", "analyzer": "grams", **UNRANKED}
SHOWN_ONLY = {"type": "keyword", "index": False, "doc_values": False}

PROPERTIES: dict[str, Any] = {
    "id": {"type": "long"},
    "version": {"type": "long"},
    "deleted": {"type": "boolean"},
    "sku": KEYWORD,
    "group_id": KEYWORD,
    "group_key": KEYWORD,
    "gtin": KEYWORD,
    "mpn": KEYWORD,
    "identifiers": KEYWORD,
    "codes": NAMES,
    "title": NAMES,
    "title_sort": KEYWORD,
    "description": STEMMED_TEXT,
    "brand": {**KEYWORD, "copy_to": ["names", "prefixes", "models"], "fields": {"text": STEMMED_TEXT}},
    "category_name": STEMMED_TEXT,
    "category_kinds": {**STEMMED_TEXT, **UNRANKED},
    "category_path": {**STEMMED_TEXT, "copy_to": ["names", "prefixes"]},
    "category_ids": {"type": "long"},
    "category_slugs": KEYWORD,
    "category_labels": {"type": "keyword", "index": False, "ignore_above": 4 * LONGEST_KEYWORD},
    "price_minor": {"type": "long"},
    "currency": KEYWORD,
    "image_link": SHOWN_ONLY,
    "attributes": {"type": "flattened", "ignore_above": LONGEST_KEYWORD, "depth_limit": 2},
    "attribute_keys": KEYWORD,
    "attributes_text": STEMMED_TEXT,
    "in_stock_store_ids": {"type": "keyword"},
    "popularity": {"type": "integer"},
    "created_at": {"type": "date"},
    "updated_at": {"type": "date"},
    "vector": {
        "type": "dense_vector",
        "dims": DIMENSIONS,
        "index": True,
        "similarity": "cosine",
        "index_options": {"type": "int8_hnsw"},
    },
    # Fed by copy_to: words as they are spelt (fuzzy matching, corrections), their beginnings, and model numbers.
    "names": {"type": "text", "analyzer": "plain", "search_analyzer": "plain_query", "fields": {"grams": GRAMS}},
    "prefixes": {"type": "text", "analyzer": "prefixes", "search_analyzer": "prefixes_query", **UNRANKED},
    "models": {"type": "text", "analyzer": "models", "search_analyzer": "models_query"},
}


def index_mapping(*, seeded: bool) -> dict[str, Any]:
    """Give the mapping; an index that is not `seeded` was made empty by a consumer and never filled from Postgres."""
    return {
        "dynamic": "strict",
        "_meta": {"mapping_version": MAPPING_VERSION, "vectors": MODEL_NAME, "seeded": seeded},
        "_source": {"excludes": ["vector"]},  # kept for searching only: 3 kB a hit, and no row decides it
        "properties": PROPERTIES,
    }


def index_settings(settings: SearchSettings, *, loading: bool) -> dict[str, Any]:
    """Give the settings of a new index; while `loading` nothing is refreshed or replicated, which loads faster."""
    return {
        "number_of_shards": settings.shards,
        "number_of_replicas": 0 if loading else settings.replicas,
        "refresh_interval": "-1" if loading else f"{settings.refresh_interval_ms}ms",
        "max_result_window": RESULT_WINDOW,
        "analysis": {"filter": FILTERS, "tokenizer": TOKENIZERS, "analyzer": ANALYZERS},
    }


def serving_settings(settings: SearchSettings) -> dict[str, Any]:
    """Give the settings that change when an index goes from loading to serving."""
    return {"number_of_replicas": settings.replicas, "refresh_interval": f"{settings.refresh_interval_ms}ms"}
