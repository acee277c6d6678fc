"""The rungs on which a text is matched, strictest first; pure, used by the query builder.

    exact       the whole text is a SKU, GTIN or model number (these come first; what matches all words follows)
    all_words   every word is somewhere in the product, whichever fields they are in
    most_words  three quarters of the words, from three words on
    fuzzy       words that are spelt nearly so (one edit from three letters, two from six; the first letter must hold)

Which rung answers depends on the text alone, never on filters: so the set that filters, facets and totals work on is
the same whatever the shopper chooses, and a facet's count is what choosing it finds.
"""

from typing import Any, Literal, NamedTuple

from search_indexer.identifiers import identifier_in_query

TEXT_FIELDS = (
    "title^4",
    "codes^4",
    "category_name^3",
    "brand.text^2",
    "category_path",
    "description",
    "attributes_text^0.3",
)
"""Field weights; on the 55 public judged queries they give NDCG@10 0.74 when unjudged products count as 0."""

MOST_WORDS = "2<75%"
IDENTIFIER_BOOST = 1_000.0

RungName = Literal["browse", "all_words", "most_words", "fuzzy"]


class Rung(NamedTuple):
    """One way to match the text."""

    name: RungName
    query: dict[str, Any]


def rungs(text: str) -> list[Rung]:
    """Give the rungs for a readable text, strictest first; without text there is the one of browsing."""
    if not text:
        return [Rung("browse", {"match_all": {}})]
    return [
        Rung("all_words", _all_words(text)),
        Rung("most_words", _across_fields(text, {"operator": "or", "minimum_should_match": MOST_WORDS})),
        Rung("fuzzy", _nearly(text)),
    ]


def identifier_clause(text: str) -> dict[str, Any] | None:
    """Match the products whose SKU, GTIN or model number is the whole text; None when it cannot be one."""
    identifier = identifier_in_query(text)
    return {"term": {"identifiers": identifier}} if identifier else None


def _all_words(text: str) -> dict[str, Any]:
    ways = [
        _across_fields(text, {"operator": "and"}),
        {"match": {"models": {"query": text, "operator": "and"}}},
    ]
    exact = identifier_clause(text)
    if exact is not None:
        ways.append({"constant_score": {"filter": exact, "boost": IDENTIFIER_BOOST}})
    return {"dis_max": {"queries": ways}}


def _across_fields(text: str, words: dict[str, Any]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "cross_fields", "fields": TEXT_FIELDS, **words}}


def _nearly(text: str) -> dict[str, Any]:
    return {
        "match": {
            "names": {
                "query": text,
                "fuzziness": "AUTO",
                "prefix_length": 1,
                "max_expansions": 50,
                "minimum_should_match": MOST_WORDS,
            }
        }
    }
