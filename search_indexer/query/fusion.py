"""Makes one ranking of two, that of the words and that of meaning; pure, used by the climb.

Reciprocal rank fusion (Cormack, Clarke & Büttcher 2009): a product scores the sum of weight / (RANK_CONSTANT + rank)
over the rankings that hold it. Ranks, not scores, since scores of words and cosines have nothing in common. How the
weight was chosen: docs/decisions/0012-hybrid-ranking.md.
"""

from collections.abc import Collection, Sequence

RANK_CONSTANT = 60
MEANING_WEIGHT = 0.75
"""Of a rank by meaning; one by words weighs 1."""

WINDOW = 200
"""First ranks by words that are fused; at rank 137 a product scores less by words than the last by meaning."""


def fused(
    by_words: Sequence[int], by_meaning: Sequence[int], pins: Sequence[int] = (), buried: Collection[int] = ()
) -> list[int]:
    """Give the ids that one of both rankings holds, best first: pins lead in their order, buried ones are left out.

    Equal scores go by the id.
    """
    scores: dict[int, float] = {}
    for rank, product in enumerate(by_words, start=1):
        scores[product] = 1 / (RANK_CONSTANT + rank)
    for rank, product in enumerate(by_meaning, start=1):
        scores[product] = scores.get(product, 0.0) + MEANING_WEIGHT / (RANK_CONSTANT + rank)
    leading = [product for product in pins if product in scores]
    others = scores.keys() - set(leading) - set(buried)
    return [*leading, *sorted(others, key=lambda product: (-scores[product], product))]
