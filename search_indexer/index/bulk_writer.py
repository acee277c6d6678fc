"""Writes documents with their versions in bulk; used by the consumer and the rebuild. The I/O of the writing side.

What becomes of one item (Elasticsearch answers for each by itself):

    200, 201                written
    409                     a newer version is there already: success
    404                     the alias is gone (items never create an index): the index is made anew, then again
    429, 403, 5xx           overloaded, blocked by a full disk, a shard away: the whole batch again later
    other 4xx               this document can never be indexed: refused, the others are written
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from messaging.errors import RetryLater
from schemas.search_document import SearchDocument
from search_indexer.index.product_document import bulk_lines

MOST_BYTES = 1_000_000
"""Beyond 1 MiB aiohttp warns that writing the body at once blocks the event loop."""

MOST_DOCUMENTS = 1_000

WRITTEN = frozenset({200, 201, 409})
PASSING = frozenset({403, 404, 429})
PASSING_REQUESTS = frozenset({401, 403, 404, 408, 429})

ANSWERED_FIELDS = ["items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by.reason"]


class Refused(NamedTuple):
    """A document that Elasticsearch will never take, and why."""

    product_id: int
    reason: str


class BulkWriter:
    """Writes to one alias or index; with `alias_only` a missing alias is an error instead of a new, unmapped index."""

    def __init__(self, client: AsyncElasticsearch, target: str, *, alias_only: bool = True) -> None:
        self._client = client
        self._target = target
        self._alias_only = alias_only

    async def write(self, documents: Sequence[SearchDocument]) -> list[Refused]:
        """Write all, in several requests when they are many; return once Elasticsearch has them on disk.

        Raises messaging's RetryLater when it is away, overloaded or without the alias: write the same again, older
        versions never replace newer ones. The documents of one call must be of different products.
        """
        refused: list[Refused] = []
        for chunk in _chunks(documents):
            refused += await self._write_chunk([document for document, _ in chunk], [lines for _, lines in chunk])
        return refused

    async def _write_chunk(self, documents: Sequence[SearchDocument], lines: Sequence[bytes]) -> list[Refused]:
        try:
            answered = await self._client.bulk(
                index=self._target,
                operations=cast("Any", lines),  # the client takes encoded lines; its types do not say so
                require_alias=self._alias_only,
                filter_path=ANSWERED_FIELDS,
            )
        except TransportError as error:
            raise RetryLater(f"Elasticsearch is away: {error.message}") from error
        except ApiError as error:
            if error.status_code in PASSING_REQUESTS or error.status_code >= 500:  # noqa: PLR2004 - HTTP's border
                raise RetryLater(f"Elasticsearch answered {error.status_code}: {error.error}") from error
            raise
        return list(_refusals(documents, answered["items"]))


def _refusals(documents: Sequence[SearchDocument], items: Sequence[Mapping[str, Any]]) -> Iterator[Refused]:
    for document, item in zip(documents, items, strict=True):
        result = item["index"]
        status = result["status"]
        if status in WRITTEN:
            continue
        reason = _reason(result.get("error", {}))
        if status in PASSING or status >= 500:  # noqa: PLR2004 - HTTP's border between the two parties' faults
            raise RetryLater(f"Elasticsearch answered {status}: {reason}")
        yield Refused(document.id, reason)


def _reason(error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by", {}).get("reason")
    return ": ".join(part for part in (error.get("type"), error.get("reason"), cause) if part)


def _chunks(documents: Sequence[SearchDocument]) -> Iterator[list[tuple[SearchDocument, bytes]]]:
    chunk: list[tuple[SearchDocument, bytes]] = []
    size = 0
    for document in documents:
        lines = bulk_lines(document)
        if chunk and (size + len(lines) > MOST_BYTES or len(chunk) == MOST_DOCUMENTS):
            yield chunk
            chunk, size = [], 0
        chunk.append((document, lines))
        size += len(lines)
    if chunk:
        yield chunk
