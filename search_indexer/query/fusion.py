"""Makes one ranking of two, that of the words and that of meaning; pure, used by the climb.

Reciprocal rank fusion (Cormack, Clarke & Büttcher 2009): a product scores the sum of weight / (RANK_CONSTANT + rank)
over the rankings that hold it. Ranks, not scores, since scores of words and cosines have nothing in common. How the
weight was chosen: docs/decisions/0012-hybrid-ranking.md.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

RANK_CONSTANT = 60
MEANING_WEIGHT = 0.75
"""Of a rank by meaning; one by words weighs 1."""

WINDOW = 200
"""First ranks by words that are fused; at rank 137 a product scores less by words than the last by meaning."""


class Ranked(NamedTuple):
    """A product of a ranking, and the group of variants that it is the first of there; else a name of its own."""

    id: int
    group: str


def fused(
    by_words: Sequence[Ranked], by_meaning: Sequence[Ranked], pins: Sequence[int] = (), buried: Collection[int] = ()
) -> list[Ranked]:
    """Give what one of both rankings holds, best first: pins lead in their order, buried products are left out.

    A group of variants has one place in each ranking; the product that is its first by words stands for it, else the
    one by meaning. Equal scores go by the id.
    """
    first = {each.group: each for each in (*by_meaning, *by_words)}
    scores: dict[str, float] = {}
    for rank, each in enumerate(by_words, start=1):
        scores[each.group] = 1 / (RANK_CONSTANT + rank)
    for rank, each in enumerate(by_meaning, start=1):
        scores[each.group] = scores.get(each.group, 0.0) + MEANING_WEIGHT / (RANK_CONSTANT + rank)
    places = {each.id: each for each in first.values()}
    leading = [places[product] for product in pins if product in places]
    others = [each for each in places.values() if each not in leading and each.id not in buried]
    return [*leading, *sorted(others, key=lambda each: (-scores[each.group], each.id))]
