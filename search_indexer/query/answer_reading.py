"""Turns what Elasticsearch answered into the structs of `answers`; pure, used by the index reader."""

from collections.abc import Mapping
from typing import Any

from search_indexer.query.answers import AnsweredBy, SearchAnswer, SearchHit
from search_indexer.query.facets import read_facets
from search_indexer.query.requests import SearchRequest

Response = Mapping[str, Any]


def total_of(response: Response) -> int:
    """Read the exact number of hits."""
    return int(response["hits"]["total"]["value"])


def read_answer(request: SearchRequest, response: Response, answered_by: AnsweredBy) -> SearchAnswer:
    """Read one page of hits with its total and facets."""
    return SearchAnswer(
        count=total_of(response),
        hits=[read_hit(hit) for hit in response["hits"]["hits"]],
        facets=read_facets(request, response.get("aggregations", {})),
        answered_by=answered_by,
    )


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
    )
