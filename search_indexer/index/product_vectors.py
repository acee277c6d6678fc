"""Where the vectors of documents come from when they are written: nowhere, what is kept, or made where missing.

`bulk_writer` asks before it writes. The live index never waits for the model: what is not known yet is written without
its vector, found by its words, and the filler adds the vector. A rebuild has the time to make what is missing first.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import structlog

from order_service.database.engine import Database
from schemas.search_document import SearchDocument
from search_indexer.embedding_model.prepared_model import MODEL_NAME
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.embedded_text import packed, text_hash, text_of, vector_json
from search_indexer.storage.vectors import keep_vectors, known_vectors

AWAY_S = 5.0
"""For how long Postgres is not asked again after it failed: each question may take seconds then."""

log = structlog.get_logger(__name__)


class VectorSource(Protocol):
    """Gives vectors for documents that are about to be written."""

    async def of(self, documents: Sequence[SearchDocument]) -> Mapping[int, bytes]:
        """Give JSON arrays by product id for those documents that have one."""
        ...


class NoVectors:
    """For whoever writes without a database at hand."""

    async def of(self, documents: Sequence[SearchDocument]) -> Mapping[int, bytes]:  # noqa: ARG002 - the protocol's
        """Know none."""
        return {}


NO_VECTORS = NoVectors()


class KnownVectors:
    """What Postgres keeps, one statement a call; while Postgres is away none, since stock and prices cannot wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ask_again_at = 0.0

    async def of(self, documents: Sequence[SearchDocument]) -> Mapping[int, bytes]:
        """Look the texts of the documents up."""
        now = asyncio.get_running_loop().time
        hashes = _hashes(documents)
        if not hashes or now() < self._ask_again_at:
            return {}
        try:
            kept = await known_vectors(self._database, MODEL_NAME, set(hashes.values()))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the vectors, the index goes on
            self._ask_again_at = now() + AWAY_S
            log.warning("vectors_not_looked_up", error=repr(error))
            return {}
        return _by_product(hashes, kept)


class CompletedVectors:
    """What Postgres keeps; what it does not is made, which the caller waits for, and kept. Raises Unavailable."""

    def __init__(self, database: Database, embedder: BackgroundEmbedder) -> None:
        self._database = database
        self._embedder = embedder

    async def of(self, documents: Sequence[SearchDocument]) -> Mapping[int, bytes]:
        """Look the texts of the documents up and embed those that are new, at about 150 a second and processor."""
        texts = {text_hash(text): text for each in documents if (text := text_of(each)) is not None}
        return _by_product(_hashes(documents), await complete(self._database, self._embedder, texts))


async def complete(database: Database, embedder: BackgroundEmbedder, texts: Mapping[bytes, str]) -> dict[bytes, bytes]:
    """Give the packed vectors of texts by their hashes; makes and keeps what is not known. Raises Unavailable."""
    kept = await known_vectors(database, MODEL_NAME, texts)
    missing = {each: text for each, text in texts.items() if each not in kept}
    if missing:
        vectors = await embedder.embed(list(missing.values()))
        made = dict(zip(missing, packed(vectors), strict=True))
        await keep_vectors(database, MODEL_NAME, made)
        kept |= made
    return kept


def _hashes(documents: Iterable[SearchDocument]) -> dict[int, bytes]:
    return {each.id: text_hash(text) for each in documents if (text := text_of(each)) is not None}


def _by_product(hashes: Mapping[int, bytes], kept: Mapping[bytes, bytes]) -> dict[int, bytes]:
    return {product_id: vector_json(kept[each]) for product_id, each in hashes.items() if each in kept}
