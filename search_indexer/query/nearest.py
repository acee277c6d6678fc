"""The products nearest in meaning to a text: which texts have any, and the query that finds them; pure, for the ladder.

They are searched in the whole index, whatever was chosen: a filter beside this query narrows what it found, and never
makes it look further. So the set depends on the text alone. Numbers: docs/decisions/0012-hybrid-ranking.md.
"""

from collections.abc import Callable, Sequence
from typing import Any

NEAREST = 50
"""Products at most (of each shard); those beyond are related, not meant."""

FLOOR = 0.3
"""Cosine below which a product has nothing to do with the text."""

CANDIDATES = 200
"""Products that the graph is searched for; with half as many judged queries score 0.002 less."""

DIGITS = 6
"""Decimals of a vector's numbers in a query; the index keeps eight bits of each."""

Meaning = Callable[[str], Sequence[float] | None]
"""Gives the vector of a text, of unit length; None when the model knows nothing of it."""


def nearest_query(vector: Sequence[float]) -> dict[str, Any]:
    """Match the products nearest to the vector, the nearest first."""
    return {
        "knn": {
            "field": "vector",
            "query_vector": [round(number, DIGITS) for number in vector],
            "k": NEAREST,
            "num_candidates": CANDIDATES,
            "similarity": FLOOR,
        }
    }


def similarity_query(nearest: dict[str, Any], product_id: int) -> dict[str, Any]:
    """Score one product alone by the same vector, however far it is."""
    asked = {name: value for name, value in nearest["knn"].items() if name != "similarity"}
    return {"knn": {**asked, "k": 1, "filter": {"term": {"id": product_id}}}}


def similarity_of(score: float) -> float:
    """Give the cosine that Elasticsearch scored so."""
    return 2 * score - 1


def unranked(nearest: dict[str, Any]) -> dict[str, Any]:
    """Match the same and leave scores alone."""
    return {"knn": {**nearest["knn"], "boost": 0.0}}
