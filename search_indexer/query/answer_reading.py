"""Turns what Elasticsearch answered into the structs of `answers`; pure, used by the index reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from search_indexer.query.answers import AnsweredBy, SearchAnswer, SearchHit
from search_indexer.query.facets import read_facets
from search_indexer.query.fusion import Ranked
from search_indexer.query.groups import GROUP_KEY, count_of, has_groups
from search_indexer.query.requests import SearchRequest

Response = Mapping[str, Any]


def total_of(response: Response) -> int:
    """Read the exact number of products found, collapsed or not."""
    return int(response["hits"]["total"]["value"])


def count_found(response: Response) -> int:
    """Read the exact number of hits: groups where variants are collapsed, else products."""
    aggregations = response.get("aggregations", {})
    return count_of(aggregations["total"]) if "total" in aggregations else total_of(response)


def read_answer(request: SearchRequest, response: Response, answered_by: AnsweredBy) -> SearchAnswer:
    """Read the total and the facets; the hits are read by themselves."""
    aggregations = response.get("aggregations", {})
    return SearchAnswer(
        count=count_found(response),
        hits=[],
        facets=read_facets(request, aggregations),
        answered_by=answered_by,
        has_groups=has_groups(aggregations),
    )


def read_hits(response: Response) -> list[SearchHit]:
    """Read the hits in their order."""
    return [read_hit(hit) for hit in response["hits"]["hits"]]


def named_hits(ids: Sequence[int], response: Response) -> list[SearchHit]:
    """Read the hits in the order of the ids; what was deleted meanwhile is missing."""
    found = {hit.id: hit for hit in read_hits(response)}
    return [found[each] for each in ids if each in found]


def ranking_of(response: Response) -> list[Ranked]:
    """Read a ranking by relevance; what is scored 0 is in the set without being ranked."""
    places = [(*hit["sort"], hit.get("fields", {})) for hit in response["hits"]["hits"]]
    return [
        Ranked(int(product), fields[GROUP_KEY][0] if GROUP_KEY in fields else str(product))
        for score, product, fields in places
        if score > 0
    ]


def read_hit(hit: Response) -> SearchHit:
    """Read one hit; fields that the document left out are empty."""
    source = hit["_source"]
    return SearchHit(
        id=source["id"],
        sku=source["sku"],
        version=source["version"],
        title=source["title"],
        description=source.get("description", ""),
        brand=source.get("brand"),
        category_name=source.get("category_name", ""),
        category_path=source.get("category_path", []),
        price_minor=source["price_minor"],
        currency=source["currency"],
        image_link=source.get("image_link"),
        in_stock_store_ids=source.get("in_stock_store_ids", []),
        highlight={field: fragments[0] for field, fragments in hit.get("highlight", {}).items()},
        group_id=source.get("group_id"),
    )
