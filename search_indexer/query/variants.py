"""Lists the variants behind each hit where groups are collapsed: what is asked, and how it is read; pure.

A variant is listed when it matches by itself, words and filters alike: who filters by red sees the red ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.query.answers import SearchHit, Variant

MOST_VARIANTS = 20
"""Listed of one group; `variant_count` tells how many there are."""

VARIANT_FIELDS = ["id", "sku", "title", "price_minor", "image_link", "in_stock_store_ids", "attributes"]


def groups_of(hits: Iterable[SearchHit]) -> list[str]:
    """Give the groups that the hits stand for and whose variants they do not list yet."""
    return list(dict.fromkeys(hit.group_id for hit in hits if hit.group_id and not hit.variants))


def variants_aggregation(groups: Sequence[str], order: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Ask for the first variants of each group and for their number; the query narrows to these groups."""
    first = {"size": MOST_VARIANTS, "sort": list(order), "_source": VARIANT_FIELDS}
    return {
        "groups": {
            "terms": {"field": "group_id", "size": len(groups)},
            "aggs": {"variants": {"top_hits": first}},
        }
    }


def with_variants(hits: Iterable[SearchHit], aggregations: Mapping[str, Any]) -> list[SearchHit]:
    """Give the hits with their variants, each in the order of the search."""
    found = {bucket["key"]: bucket for bucket in aggregations["groups"]["buckets"]}
    return [_with_variants(hit, found[hit.group_id]) if hit.group_id in found else hit for hit in hits]


def _with_variants(hit: SearchHit, bucket: Mapping[str, Any]) -> SearchHit:
    sources = [each["_source"] for each in bucket["variants"]["hits"]["hits"]]
    differing = _differing([source.get("attributes", {}) for source in sources])
    variants = [_variant(source, differing) for source in sources]
    return msgspec.structs.replace(hit, variant_count=bucket["doc_count"], variants=variants)


def _variant(source: Mapping[str, Any], differing: Iterable[str]) -> Variant:
    attributes = source.get("attributes", {})
    return Variant(
        id=source["id"],
        sku=source["sku"],
        title=source["title"],
        price_minor=source["price_minor"],
        image_link=source.get("image_link"),
        in_stock_store_ids=source.get("in_stock_store_ids", []),
        attributes={key: attributes[key] for key in differing if key in attributes},
    )


def _differing(each: Sequence[Mapping[str, list[str]]]) -> list[str]:
    """Name the attributes that are not the same in all variants, in the order in which they come up."""
    keys = dict.fromkeys(key for attributes in each for key in attributes)
    return [key for key in keys if any(attributes.get(key) != each[0].get(key) for attributes in each)]
