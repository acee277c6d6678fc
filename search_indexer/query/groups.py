"""Counts groups of variants where variants are collapsed, and each product without a group as one; pure, for facets.

Elasticsearch collapses hits and leaves totals and buckets uncollapsed. So the products that have a group are counted,
and the groups they are of: groups = all - grouped + groups. Where no product has a group both are 0 and cost next to
nothing. The same products give the same number wherever they are counted, so that a bucket's count and the total after
choosing it agree; above some thousand groups it may be off by one or two in ten thousand (HyperLogLog++).
"""

from collections.abc import Iterable, Mapping
from typing import Any

GROUP_KEY = "group_key"
"""What every product has: its group's name, or one of its own."""

GROUPED = "g:"
"""What the key of a product with a group begins with."""

COLLAPSE = {"field": GROUP_KEY}

GROUP_COUNTS: dict[str, Any] = {
    "grouped": {"value_count": {"field": "group_id"}},
    "groups": {"cardinality": {"field": "group_id", "precision_threshold": 40_000}},
}


def in_groups(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Let every bucket of an aggregation be counted in groups, too."""
    return {**counts, "aggs": GROUP_COUNTS}


def has_groups(bucket: Mapping[str, Any]) -> bool:
    """Whether some products of the bucket have a group; not so where groups were not counted."""
    return "grouped" in bucket and bool(bucket["grouped"]["value"])


def groups_named(keys: Iterable[str]) -> list[str]:
    """Give the groups that these keys name."""
    return [key.removeprefix(GROUPED) for key in keys if key.startswith(GROUPED)]


def count_of(bucket: Mapping[str, Any]) -> int:
    """Read how many a bucket counts: groups where those were counted, else products."""
    products = int(bucket["doc_count"])
    return (
        products - int(bucket["grouped"]["value"]) + int(bucket["groups"]["value"]) if has_groups(bucket) else products
    )
