"""A sense of meaning for tests: every word has a direction, synonyms share one, so that "sofa" is near "couch".

Directions are drawn, so any two are nearly at right angles; and dense, as the index's eight bits a number want them.
"""

from collections.abc import Iterable
from math import sqrt
from random import Random

DIMENSIONS = 384
"""The index takes vectors of this length only."""

SYNONYMS = {"couch": "sofa", "television": "tv", "torch": "lamp"}
OWN = 0.3
"""How far a product is off the meaning of its title, so that no two products are equally near."""

Vector = list[float]


def meaning_of(text: str) -> Vector | None:
    """Give the direction that the words of the text have together; None for a text without words."""
    words = text.lower().split()
    return _unit(_sum(_direction(SYNONYMS.get(word, word)) for word in words)) if words else None


def product_meaning(product_id: int, title: str) -> Vector:
    """Give the direction of a title, a little off by the product's id."""
    own = [OWN * number for number in _direction(str(product_id))]
    return _unit(_sum([meaning_of(title) or own, own]))


def _direction(name: str) -> Vector:
    drawn = Random(name)  # noqa: S311 - the same for the same name
    return _unit([drawn.gauss(0, 1) for _ in range(DIMENSIONS)])


def _sum(vectors: Iterable[Vector]) -> Vector:
    return [sum(numbers) for numbers in zip(*vectors, strict=True)]


def _unit(vector: Vector) -> Vector:
    length = sqrt(sum(number * number for number in vector))
    return [number / length for number in vector]
