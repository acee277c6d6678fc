"""The whole catalogue through rebuild, audit and a walk by cursor: the same products everywhere."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from schemas.ids import ProductId
from schemas.settings import KafkaSettings
from search_indexer.index.audit import Audit, audit_index
from search_indexer.index.reindex import Rebuild, reindex
from search_indexer.index.repair import Target
from search_indexer.query.requests import SearchRequest
from tests.factories.processes import run_aisle
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


@pytest.fixture
async def catalogue(
    own_environment: Mapping[str, str], product_ids: Sequence[ProductId], request: pytest.FixtureRequest
) -> None:
    """A thousand products, and the 19,406 of the feed as well in a full run."""
    assert product_ids
    if os.environ.get("AISLE_FULL"):
        folder: Path = request.getfixturevalue("data_folder")
        feed = str(folder / "icecat_feed.jsonl.gz")
        await asyncio.to_thread(run_aisle, own_environment, "import", "products", feed)


@pytest.mark.usefixtures("catalogue")
async def test_a_walk_by_cursor_gives_exactly_the_ids_that_postgres_has(
    installation: Installation, database: Database, kafka: KafkaSettings
) -> None:
    await reindex(Rebuild(installation.client, database, installation.settings, kafka, "USD"))
    names = installation.indexes.names
    assert (
        await audit_index(Audit(Target(installation.client, names.reads), database, "USD"), repair=False)
    ).left == {}
    on_sale = {each.id async for batch in stream_snapshots(database, "USD") for each in batch if not each.deleted}
    request = SearchRequest(page_size=100, highlight=False)
    answer = await installation.reader.search(request)
    cursor = await installation.reader.cursor_after(request, answer, datetime.now(UTC))
    walked = [hit.id for hit in answer.hits]
    while cursor is not None:
        answer, cursor = await installation.reader.go_on(request, cursor)
        walked += [hit.id for hit in answer.hits]
    assert len(walked) == len(on_sale)
    assert set(walked) == on_sale
