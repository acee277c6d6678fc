"""The bulk writer against the real server."""

import msgspec
import pytest

from messaging.errors import RetryLater
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.product_document import product_document
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


async def title(installation: Installation, product_id: int) -> str:
    got = await installation.client.get(index=installation.indexes.names.reads, id=str(product_id))
    return str(got["_source"]["title"])


async def test_an_older_version_never_replaces_a_newer_one(installation: Installation) -> None:
    await installation.hold([product_snapshot(1, version=2, title="new")])
    await installation.hold([product_snapshot(1, version=1, title="old")])
    assert await title(installation, 1) == "new"


async def test_a_late_event_does_not_bring_a_deleted_product_back(installation: Installation) -> None:
    await installation.hold([product_snapshot(1, version=2, deleted=True)])
    await installation.hold([product_snapshot(1, version=1)])
    assert await installation.indexes.count_live(installation.indexes.names.reads) == 0


async def test_one_unindexable_document_is_refused_and_the_others_are_written(installation: Installation) -> None:
    await installation.indexes.ensure()
    broken = msgspec.structs.replace(product_document(product_snapshot(1)), price_minor=2**80)
    [refused] = await installation.writer.write([broken, product_document(product_snapshot(2, title="fine"))])
    assert refused.product_id == 1
    assert "price_minor" in refused.reason
    assert await title(installation, 2) == "fine"


@pytest.mark.filterwarnings(
    "ignore:Sending a large body:ResourceWarning"
)  # one document of more than a MiB is one body
async def test_nothing_a_merchant_writes_has_a_document_refused(installation: Installation) -> None:
    long = "é" * 40_000
    attributes = {long: long, "a\0b": "c\0d", "": "x", "a.b": {"c": [1, None]}, "*": [1.0, True, None], ".": "dot"}
    attributes |= {f"key {n}": "v" for n in range(2_000)}
    hostile = product_snapshot(
        1, sku=long, title=long, description=long * 5, brand=long, gtin=long, mpn=long, group_id=long,
        image_link=long, attributes=attributes, price_minor=2**62,
    )  # fmt: skip
    await installation.hold([hostile])


async def test_without_the_alias_nothing_is_created_and_the_batch_waits(installation: Installation) -> None:
    with pytest.raises(RetryLater):
        await installation.writer.write([product_document(product_snapshot(1))])
    assert not await installation.client.indices.exists(index=installation.indexes.names.writes)
    await installation.indexes.ensure()


async def test_a_server_that_is_away_makes_the_batch_wait() -> None:
    client = open_writing_client(SearchSettings(url="http://127.0.0.1:1"))
    with pytest.raises(RetryLater):
        await BulkWriter(client, "any").write([product_document(product_snapshot(1))])
    await client.close()
