"""Which vectors documents are written with, on real Postgres."""

import uuid
from unittest.mock import patch

import pytest

from order_service.database.engine import Database, open_database
from schemas.settings import DatabaseSettings
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.embedded_text import packed, text_of, vector_json
from search_indexer.index.product_document import product_document
from search_indexer.index.product_vectors import NO_VECTORS, CompletedVectors, KnownVectors
from search_indexer.index.repair import Target, Wrong, mend
from tests.factories.product_snapshots import product_snapshot
from tests.factories.tiny_model import tiny_model
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers

OWN = uuid.uuid4().hex
MODEL = tiny_model()
LAMP, SAME, DESK, GONE = (
    product_document(product_snapshot(1, title=f"red lamp {OWN}")),
    product_document(product_snapshot(2, title=f"red lamp {OWN}", price_minor=7)),
    product_document(product_snapshot(3, title=f"oak desk {OWN}")),
    product_document(product_snapshot(4, title=f"blue chair {OWN}", deleted=True)),
)


async def test_missing_vectors_are_made_once_and_shared_by_equal_texts(database: Database) -> None:
    with BackgroundEmbedder(MODEL) as embedder, patch.object(MODEL, "embed", wraps=MODEL.embed) as made:
        vectors = await CompletedVectors(database, embedder).of([LAMP, SAME, DESK, GONE])
        assert set(vectors) == {1, 2, 3}
        assert vectors[1] == vectors[2]
        assert vectors[1] != vectors[3]
        assert [len(call.args[0]) for call in made.call_args_list] == [2]
        assert await CompletedVectors(database, embedder).of([LAMP, DESK]) == {1: vectors[1], 3: vectors[3]}
        assert made.call_count == 1
    [kept] = packed(MODEL.embed([text_of(LAMP) or ""]))
    assert vectors[1] == vector_json(kept)
    assert await KnownVectors(database).of([LAMP, GONE]) == {1: vectors[1]}


async def test_what_is_not_known_is_left_out(database: Database) -> None:
    unknown = product_document(product_snapshot(9, title=uuid.uuid4().hex))
    assert await KnownVectors(database).of([unknown]) == {}
    assert await NO_VECTORS.of([LAMP]) == {}


async def test_while_postgres_is_away_none_is_known_and_it_is_not_asked_each_time() -> None:
    stranded = open_database(DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none"))
    known = KnownVectors(stranded)
    with patch("search_indexer.index.product_vectors.known_vectors", side_effect=OSError) as asked:
        assert await known.of([LAMP]) == {}
        assert await known.of([LAMP]) == {}
    assert asked.call_count == 1
    assert await KnownVectors(stranded).of([LAMP]) == {}
    await stranded.close()


async def test_a_repair_writes_documents_with_the_vectors_that_are_known(
    installation: Installation, database: Database
) -> None:
    with BackgroundEmbedder(MODEL) as embedder:
        await CompletedVectors(database, embedder).of([LAMP])
    await installation.indexes.ensure()
    target = Target(installation.client, installation.indexes.names.reads, vectors=KnownVectors(database))
    await mend(target, [Wrong(str(LAMP.id), LAMP, None)])
    found = await installation.client.count(index=target.index, query={"exists": {"field": "vector"}})
    assert found["count"] == 1
