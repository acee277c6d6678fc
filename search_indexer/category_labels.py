"""A category's id, parent, slug and name as one keyword, so that one aggregation can name a facet's buckets; pure.

Counts are taken on the slug alone: while a renamed category's products are indexed anew, two labels stand for one
slug, and adding them up would not be the count of that slug.
"""

from dataclasses import dataclass

SEPARATOR = "\x1f"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class CategoryLabel:
    """What a packed label says; `parent` is "" at the root."""

    id: int
    parent: str
    slug: str
    name: str


def packed_label(category_id: int, parent: str, slug: str, name: str) -> str:
    """Pack the four parts into one text."""
    return SEPARATOR.join((str(category_id), parent, slug, name[:LONGEST_NAME]))


def unpacked_label(packed: str) -> CategoryLabel:
    """Read the four parts back."""
    category_id, parent, slug, name = packed.split(SEPARATOR, 3)
    return CategoryLabel(int(category_id), parent, slug, name)
