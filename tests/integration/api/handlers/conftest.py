"""Products put straight into the index of the running application, under words that no other test uses."""

import itertools
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from tests.factories.product_snapshots import product_snapshot
from tests.integration.api.conftest import V1, Api

ADMIN = f"{V1}/admin/search"
IDS = itertools.count(7_000_000_001)
Shelve = Callable[..., Awaitable[list[int]]]


@pytest.fixture(scope="module")
def shelve(settings_of: Callable[[type[Any]], Any]) -> Shelve:
    """Index products with these titles and give their ids."""
    settings = settings_of(SearchSettings)

    async def hold(*titles: str, **fields: Any) -> list[int]:
        client = open_writing_client(settings)
        indexes = ProductIndexes(client, settings)
        try:
            await indexes.ensure()
            snapshots = [product_snapshot(**{"product_id": next(IDS), "title": title, **fields}) for title in titles]
            assert await BulkWriter(client, indexes.names.writes).write(list(map(product_document, snapshots))) == []
            await client.indices.refresh(index=indexes.names.reads)
        finally:
            await client.close()
        return [snapshot.id for snapshot in snapshots]

    return hold


def word() -> str:
    """A word that no other test uses."""
    return f"w{uuid.uuid4().hex[:10]}"


def number() -> str:
    """A model number that no other test uses and that is near no other; searches do not guess at those."""
    return f"{uuid.uuid4().hex[:5]}9x{uuid.uuid4().hex[:9]}"


async def search(api: Api, q: str, more: str = "") -> Any:
    answer = await api.get(f"{V1}/search/products?q={quote(q)}{more}")
    assert answer.status == 200, answer.body
    return answer.json
