"""The category tree's facet: counts on slugs (ancestors included), names and parents from packed labels; pure."""

from collections.abc import Mapping
from typing import Any

from search_indexer.category_labels import CategoryLabel, unpacked_label
from search_indexer.query.answers import FacetValue
from search_indexer.query.groups import count_of

MOST_CATEGORIES = 300
"""Buckets; a shop's whole tree as a rule, since a tree with holes cannot be shown."""

CATEGORY_COUNTS: dict[str, Any] = {
    "values": {"terms": {"field": "category_slugs", "size": MOST_CATEGORIES}},
    "labels": {"terms": {"field": "category_labels", "size": 2 * MOST_CATEGORIES}},
}


def category_values(counted: Mapping[str, Any], chosen: Mapping[str, int]) -> list[FacetValue]:
    """Read the buckets, most products first; `chosen` maps each chosen slug or id to its count.

    A category chosen by id appears under its slug; one that nothing was found in, and that no label names
    therefore, under what was asked.
    """
    labels = _labels(counted)
    slug_of_id = {str(label.id): label.slug for label in labels.values()}
    counts = {bucket["key"]: count_of(bucket) for bucket in counted["values"]["buckets"]}
    selected = {each if each in labels else slug_of_id.get(each, each): count for each, count in chosen.items()}
    counts |= selected
    return [
        _value(slug, count, labels.get(slug), selected=slug in selected)
        for slug, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]


def _labels(counted: Mapping[str, Any]) -> dict[str, CategoryLabel]:
    """Give each slug its label; while a category is being renamed the more frequent one."""
    labels: dict[str, CategoryLabel] = {}
    for bucket in counted["labels"]["buckets"]:
        label = unpacked_label(bucket["key"])
        labels.setdefault(label.slug, label)
    return labels


def _value(slug: str, count: int, label: CategoryLabel | None, *, selected: bool) -> FacetValue:
    if label is None:
        return FacetValue(value=slug, label=slug, count=count, selected=selected)
    return FacetValue(value=slug, label=label.name, count=count, selected=selected, parent=label.parent or None)
