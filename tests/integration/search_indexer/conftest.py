"""An installation of its own on the real Elasticsearch for each test that wants one, and the means to fill it."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

import pytest
from elasticsearch import AsyncElasticsearch

from schemas.environment import load
from schemas.events.product_snapshot import ProductSnapshot
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from search_indexer.query.index_reader import SearchReader


@dataclass(frozen=True)
class Installation:
    """One index prefix with everything that works on it."""

    settings: SearchSettings
    client: AsyncElasticsearch
    indexes: ProductIndexes
    writer: BulkWriter
    reader: SearchReader

    async def hold(self, snapshots: Iterable[ProductSnapshot]) -> None:
        """Index the snapshots and make them searchable."""
        await self.indexes.ensure()
        assert await self.writer.write([product_document(snapshot) for snapshot in snapshots]) == []
        await self.refresh()

    async def refresh(self) -> None:
        """Make everything written so far searchable."""
        await self.client.indices.refresh(index=self.indexes.names.reads)

    async def remove(self) -> None:
        """Delete every index of the prefix and close the connections."""
        found = await self.client.indices.get(index=f"{self.settings.index_prefix}-*")
        for name in found:
            await self.client.indices.delete(index=name)
        await self.reader.close()
        await self.client.close()


PATIENCE_S = 30.0  # the servers share two cores with the tests

Install = Callable[[], Awaitable[Installation]]


@pytest.fixture(scope="session")
async def install(environment: Mapping[str, str]) -> AsyncIterator[Install]:
    """Make installations under prefixes of their own; all go at the end."""
    made: list[Installation] = []

    async def make() -> Installation:
        prefix = f"{environment['SEARCH_INDEX_PREFIX']}-{uuid.uuid4().hex[:8]}"
        settings = load(SearchSettings, {**environment, "SEARCH_INDEX_PREFIX": prefix})
        client = open_writing_client(settings)
        indexes = ProductIndexes(client, settings)
        writer = BulkWriter(client, indexes.names.writes)
        made.append(Installation(settings, client, indexes, writer, SearchReader(settings, PATIENCE_S)))
        return made[-1]

    yield make
    for each in made:
        await each.remove()


@pytest.fixture
async def installation(install: Install) -> Installation:
    """A fresh installation without any index."""
    return await install()
