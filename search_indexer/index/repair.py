"""Writes right documents over wrong ones; used by the audit.

`mend` keeps to the rule of every write: a document's version is its row's, and an older one never replaces a newer.
That is not enough where somebody wrote or deleted by hand, because such a write gave the document (or the memory of a
deleted one) a version that its row has yet to reach. `replace` then takes the document out at exactly the version that
was seen, has Elasticsearch forget it, and writes the row's at the row's version, so that the next change counts again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from elasticsearch import AsyncElasticsearch

from schemas.search_document import SearchDocument
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexed_documents import indexed_now, product_id_of
from search_indexer.index.product_vectors import NO_VECTORS, VectorSource

DELETES_AT_ONCE = 1_000

FORGETTING_PAUSE_S = 0.1
FORGETTING_TRIES = 30
"""Elasticsearch's clock for deletes ticks every 200 ms (`thread_pool.estimated_time_interval`)."""


class Wrong(NamedTuple):
    """A document to put right: what its row makes of it (None: no row), and the version that was seen (None: gone)."""

    doc_id: str
    right: SearchDocument | None
    index_version: int | None


@dataclass(frozen=True, slots=True)
class Target:
    """The index that is put right; `is_alias` keeps a write from creating one where the alias is gone.

    A vector that `vectors` does not give is added by the filler later.
    """

    client: AsyncElasticsearch
    index: str
    is_alias: bool = True
    vectors: VectorSource = NO_VECTORS

    async def write(self, documents: Sequence[SearchDocument]) -> None:
        """Write at the documents' versions; raises messaging's RetryLater when Elasticsearch takes no writes now."""
        writer = BulkWriter(self.client, self.index, alias_only=self.is_alias, vectors=self.vectors)
        await writer.write(documents)

    async def refresh(self) -> None:
        """Make everything written searchable."""
        await self.client.indices.refresh(index=self.index)

    async def remember_deletes(self, period: str | None) -> None:
        """Set for how long versions of deleted documents are remembered; None is Elasticsearch's default."""
        await self.client.indices.put_settings(index=self.index, settings={"index.gc_deletes": period})


async def mend(target: Target, wrong: Sequence[Wrong]) -> None:
    """Write each at its row's version; documents of no row are marked as deleted at the version that they have.

    Raises messaging's RetryLater when Elasticsearch takes no writes now.
    """
    await target.write(_right_documents(wrong))
    await _forget(target, [each for each in wrong if product_id_of(each.doc_id) is None])
    await target.refresh()


async def replace(target: Target, wrong: Sequence[Wrong]) -> None:
    """Take each out, unless it was written again meanwhile, and write it at its row's version.

    A search between the two steps misses these documents. Killed between them, they are found as missing next time.
    """
    await target.remember_deletes("0s")
    try:
        await _forget(target, wrong)
        await _write_forgotten(target, _right_documents(wrong))
    finally:
        await target.remember_deletes(None)
    await target.refresh()


async def _write_forgotten(target: Target, documents: Sequence[SearchDocument]) -> None:
    """Write what is still not there until all are: a refresh forgets a delete only a clock tick after it."""
    absent = list(documents)
    for _ in range(FORGETTING_TRIES):
        await target.refresh()
        await target.write(absent)
        present = await indexed_now(target.client, target.index, [str(each.id) for each in absent])
        absent = [each for each in absent if str(each.id) not in present]
        if not absent:
            return
        await asyncio.sleep(FORGETTING_PAUSE_S)


def _right_documents(wrong: Sequence[Wrong]) -> list[SearchDocument]:
    return [right for each in wrong if (right := each.right or _dead(each)) is not None]


def _dead(wrong: Wrong) -> SearchDocument | None:
    product_id = product_id_of(wrong.doc_id)
    if product_id is None or wrong.index_version is None:
        return None
    return SearchDocument(id=product_id, version=wrong.index_version, deleted=True)


async def _forget(target: Target, wrong: Sequence[Wrong]) -> None:
    """Delete the documents that still have the version that was seen."""
    present = [each for each in wrong if each.index_version is not None]
    for start in range(0, len(present), DELETES_AT_ONCE):
        operations: list[dict[str, Any]] = [
            {"delete": {"_id": each.doc_id, "version": each.index_version, "version_type": "external_gte"}}
            for each in present[start : start + DELETES_AT_ONCE]
        ]
        await target.client.bulk(index=target.index, operations=operations)
