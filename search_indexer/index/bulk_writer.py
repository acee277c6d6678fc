"""Writes documents with their versions in bulk; used by the consumer and the rebuild. The I/O of the writing side.

What becomes of one item (Elasticsearch answers for each by itself):

    200, 201                written
    409                     a newer version is there already: success
    404                     the alias is gone (items never create an index): the index is made anew, then again
    429, 403, 5xx           overloaded, blocked by a full disk, a shard away: the whole batch again later
    400 for a new field     the index is of an earlier release: the whole batch again until `aisle reindex` replaced it
    other 4xx               this document can never be indexed: refused, the others are written
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from messaging.errors import RetryLater
from schemas.search_document import SearchDocument
from search_indexer.index.product_document import bulk_lines
from search_indexer.index.product_vectors import NO_VECTORS, VectorSource

MOST_BYTES = 1_000_000
"""Beyond 1 MiB aiohttp warns that writing the body at once blocks the event loop."""

MOST_DOCUMENTS = 1_000

WRITTEN = frozenset({200, 201, 409})
PASSING = frozenset({403, 404, 429})
PASSING_REQUESTS = frozenset({401, 403, 404, 408, 429})

EARLIER_MAPPING = "strict_dynamic_mapping_exception"
ANSWERED_FIELDS = ["items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by.reason"]


class Refused(NamedTuple):
    """A document that Elasticsearch will never take, and why."""

    product_id: int
    reason: str


class BulkItem(NamedTuple):
    """The lines of one document and the product they are about."""

    product_id: int
    lines: bytes


class BulkWriter:
    """Writes to one alias or index; with `alias_only` a missing alias is an error instead of a new, unmapped index.

    Documents are written with the vectors that `vectors` gives for them.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        target: str,
        *,
        alias_only: bool = True,
        vectors: VectorSource = NO_VECTORS,
    ) -> None:
        self._client = client
        self._target = target
        self._alias_only = alias_only
        self._vectors = vectors

    async def write(self, documents: Sequence[SearchDocument]) -> list[Refused]:
        """Write all, in several requests when they are many; return once Elasticsearch has them on disk.

        Raises messaging's RetryLater when it is away, overloaded or without the alias: write the same again, older
        versions never replace newer ones. The documents of one call must be of different products.
        """
        vectors = await self._vectors.of(documents)
        return await self.write_items(BulkItem(each.id, bulk_lines(each, vectors.get(each.id))) for each in documents)

    async def write_items(self, items: Iterable[BulkItem]) -> list[Refused]:
        """Write documents whose lines are made already; otherwise as `write`."""
        refused: list[Refused] = []
        for chunk in _chunks(items):
            refused += await self._write_chunk(chunk)
        return refused

    async def _write_chunk(self, items: Sequence[BulkItem]) -> list[Refused]:
        try:
            answered = await self._client.bulk(
                index=self._target,
                operations=cast("Any", [item.lines for item in items]),  # encoded lines; the client's types lack them
                require_alias=self._alias_only,
                filter_path=ANSWERED_FIELDS,
            )
        except TransportError as error:
            raise RetryLater(f"Elasticsearch is away: {error.message}") from error
        except ApiError as error:
            if error.status_code in PASSING_REQUESTS or error.status_code >= 500:  # noqa: PLR2004 - HTTP's border
                raise RetryLater(f"Elasticsearch answered {error.status_code}: {error.error}") from error
            raise
        return list(_refusals(items, answered["items"]))


def _refusals(written: Sequence[BulkItem], answers: Sequence[Mapping[str, Any]]) -> Iterator[Refused]:
    for item, answer in zip(written, answers, strict=True):
        result = answer["index"]
        status = result["status"]
        if status in WRITTEN:
            continue
        error = result.get("error", {})
        reason = _reason(error)
        if status in PASSING or status >= 500:  # noqa: PLR2004 - HTTP's border between the two parties' faults
            raise RetryLater(f"Elasticsearch answered {status}: {reason}")
        if error.get("type") == EARLIER_MAPPING:
            raise RetryLater(f"the index is of an earlier release and wants `aisle reindex`: {reason}")
        yield Refused(item.product_id, reason)


def _reason(error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by", {}).get("reason")
    return ": ".join(part for part in (error.get("type"), error.get("reason"), cause) if part)


def _chunks(items: Iterable[BulkItem]) -> Iterator[list[BulkItem]]:
    chunk: list[BulkItem] = []
    size = 0
    for item in items:
        if chunk and (size + len(item.lines) > MOST_BYTES or len(chunk) == MOST_DOCUMENTS):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += len(item.lines)
    if chunk:
        yield chunk
