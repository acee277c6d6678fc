"""Reads documents back from the live index, as a stream by product id or by name; used by the audit."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from elasticsearch import AsyncElasticsearch

from search_indexer.index.content_hash import ADDED_BY_THE_INDEX, content_hash

PAGE = 500
KEEP_ALIVE = "2m"
LONGEST_ID = 18
"""Digits that fit the index's `long` and Postgres's bigint whatever they are."""


class Indexed(NamedTuple):
    """One document: its `_id`, the place its `id` field gives it in the order, its version and its content's hash."""

    doc_id: str
    place: int
    version: int
    digest: bytes


async def stream_indexed(client: AsyncElasticsearch, alias: str) -> AsyncIterator[Indexed]:
    """Give every document by ascending `id` field as of one moment (documents without one last).

    Holds one page of PAGE documents in memory and one point in time in Elasticsearch. Raises the client's errors.
    """
    await client.indices.refresh(index=alias)
    pit = (await client.open_point_in_time(index=alias, keep_alive=KEEP_ALIVE))["id"]
    after: list[Any] | None = None
    try:
        while True:
            found = await client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                size=PAGE,
                sort=[{"id": "asc"}],
                search_after=after,
                track_total_hits=False,
                version=True,
                source_excludes=sorted(ADDED_BY_THE_INDEX) or None,
                allow_partial_search_results=False,
            )
            pit = found["pit_id"]
            hits = found["hits"]["hits"]
            for hit in hits:
                yield Indexed(hit["_id"], int(hit["sort"][0]), hit["_version"], content_hash(hit["_source"]))
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]
    finally:
        await client.close_point_in_time(id=pit)


async def indexed_now(client: AsyncElasticsearch, alias: str, doc_ids: Sequence[str]) -> dict[str, Indexed]:
    """Give those of the documents that exist, as they are now whether searches see them yet or not."""
    found: dict[str, Indexed] = {}
    for start in range(0, len(doc_ids), PAGE):
        answered = await client.mget(
            index=alias,
            ids=list(doc_ids[start : start + PAGE]),
            source_excludes=sorted(ADDED_BY_THE_INDEX) or None,
        )
        found.update((each.doc_id, each) for each in _documents(answered["docs"]))
    return found


def _documents(docs: Sequence[Mapping[str, Any]]) -> Iterator[Indexed]:
    for doc in docs:
        if doc.get("found"):
            yield Indexed(doc["_id"], 0, doc["_version"], content_hash(doc["_source"]))


def product_id_of(doc_id: str) -> int | None:
    """Read the product's id from a document's `_id`; None when no product can have that one."""
    is_number = doc_id.isascii() and doc_id.isdecimal() and len(doc_id) <= LONGEST_ID and doc_id[0] != "0"
    return int(doc_id) if is_number else None
