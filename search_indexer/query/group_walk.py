"""Walks through groups of variants, which Elasticsearch cannot collapse behind a place in the order; for `deep_paging`.

The products are walked one by one in the order of the search, and of each group only the first is kept. Which that is
is asked, for the groups that come up, by a collapsed query over the whole set. Groups that were shown before the walk
are passed over. Products without a group cost nothing more.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from search_indexer.query.climb import Ask
from search_indexer.query.filters import Clause
from search_indexer.query.groups import COLLAPSE
from search_indexer.query.query_builder import Body

Hit = Mapping[str, Any]

LARGEST = 500
"""Products that are asked for at once; a batch grows to it where few of its products are kept."""

GROUPS_ONLY: Body = {"_source": False, "docvalue_fields": ["group_id"], "track_total_hits": False}


async def walked(ask: Ask, bodies: Sequence[Body], shown: Collection[int]) -> list[Mapping[str, Any]]:
    """Answer bodies of which the last may hold `collapse`; `ask` asks in a point in time, `shown` as below."""
    if not bodies or "collapse" not in bodies[-1]:
        return await ask(bodies)
    named = await ask(bodies[:-1]) if bodies[:-1] else []
    return [*named, await collapsed_walk(ask, bodies[-1], shown)]


async def collapsed_walk(ask: Ask, body: Body, shown: Collection[int]) -> Mapping[str, Any]:
    """Answer a body that holds `collapse`, as if it could be beside `search_after`.

    The groups of the products `shown` are passed over. The body's hits are products without `shown` themselves.
    """
    size = int(body["size"])
    single = {name: value for name, value in body.items() if name != "collapse"} | {"docvalue_fields": ["group_id"]}
    response, passed = await ask([single, _grouped_among(shown)])
    firsts: dict[str, str | None] = {group: None for hit in passed["hits"]["hits"] if (group := _group(hit))}
    batch, asked = response["hits"]["hits"], size
    kept = await _kept(ask, body, batch, firsts)
    while len(kept) < size and len(batch) == asked:
        asked = min(2 * asked, LARGEST)
        further = {name: value for name, value in single.items() if name != "aggs"}
        [part] = await ask([{**further, "size": asked, "search_after": batch[-1]["sort"]}])
        batch = part["hits"]["hits"]
        kept += await _kept(ask, body, batch, firsts)
    return {**response, "hits": {**response["hits"], "hits": kept[:size]}}


async def _kept(ask: Ask, body: Body, batch: Sequence[Hit], firsts: dict[str, str | None]) -> list[Hit]:
    """Keep the products without a group and those that are their group's first; learns the firsts of new groups."""
    new = list(dict.fromkeys(group for hit in batch if (group := _group(hit)) and group not in firsts))
    if new:
        [found] = await ask([_firsts_body(body, new)])
        firsts |= {group: hit["_id"] for hit in found["hits"]["hits"] if (group := _group(hit))}
    return [hit for hit in batch if not (group := _group(hit)) or firsts.get(group) == hit["_id"]]


def _firsts_body(body: Body, groups: Sequence[str]) -> Body:
    """Ask for the first product of each group in the body's own order, shown before or not."""
    return {
        **GROUPS_ONLY,
        "query": body["query"],
        "post_filter": {"bool": {"filter": [*_filters(body), {"terms": {"group_id": list(groups)}}]}},
        "sort": body["sort"],
        "collapse": COLLAPSE,
        "size": len(groups),
    }


def _grouped_among(products: Collection[int]) -> Body:
    """Ask which of the products have which group."""
    clauses: list[Clause] = [{"terms": {"id": list(products)}}, {"exists": {"field": "group_id"}}]
    query = {"constant_score": {"filter": {"bool": {"filter": clauses}}}}
    return {**GROUPS_ONLY, "query": query, "size": len(products)}


def _filters(body: Body) -> list[Clause]:
    return list(body.get("post_filter", {}).get("bool", {}).get("filter", []))


def _group(hit: Hit) -> str | None:
    groups = hit.get("fields", {}).get("group_id")
    return str(groups[0]) if groups else None
