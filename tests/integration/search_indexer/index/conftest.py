"""Topics of its own for a test that publishes, and a database that holds these tests' products alone."""

import asyncio
import os
import random
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from messaging.topics import ensure_topics
from order_service.actor import Actor
from order_service.catalog.categories import NewCategory, create_category
from order_service.catalog.write_product import NewProduct, ProductChanges, change_product, create_product
from order_service.database.engine import Database, open_database
from order_service.database.migrate import apply_migrations
from order_service.product_snapshots import stream_snapshots
from schemas.environment import load
from schemas.ids import ProductId
from schemas.settings import DatabaseSettings, KafkaSettings
from search_indexer.index.consumer import run_index_consumer
from search_indexer.index.product_document import product_document
from tests.factories.processes import AisleProcess
from tests.factories.tiny_model import put_tiny_model
from tests.integration.search_indexer.conftest import Installation

STAFF = Actor("test")
PRODUCTS = 1_050
WRITES_PER_S = 100 if os.environ.get("AISLE_FULL") else 25


@pytest.fixture(scope="session")
def few_products(environment: Mapping[str, str]) -> Iterator[DatabaseSettings]:
    """A database beside the session's, since a rebuild reads and counts every product there is."""
    name = f"aisle_rebuild_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    settings = DatabaseSettings(url=urlunsplit(urlsplit(environment["DATABASE_URL"])._replace(path=f"/{name}")))
    apply_migrations(settings)
    yield settings
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
async def database(few_products: DatabaseSettings) -> AsyncIterator[Database]:
    """Both engines on that database, in place of the session's."""
    opened = open_database(few_products)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def quick_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that takes no time, prepared."""
    folder = tmp_path_factory.mktemp("model")
    put_tiny_model(folder)
    return folder


@pytest.fixture
def own_environment(
    environment: Mapping[str, str], installation: Installation, few_products: DatabaseSettings, quick_model: Path
) -> Mapping[str, str]:
    """The variables of a process of this installation alone."""
    prefix = installation.settings.index_prefix
    return {
        **environment,
        "DATABASE_URL": few_products.url,
        "SEARCH_INDEX_PREFIX": prefix,
        "MODEL_FOLDER": str(quick_model),
        "KAFKA_TOPIC_PREFIX": f"{environment['KAFKA_TOPIC_PREFIX']}{prefix}.",
    }


@pytest.fixture
async def kafka(own_environment: Mapping[str, str]) -> KafkaSettings:
    """The installation's topics, made."""
    settings: KafkaSettings = load(KafkaSettings, own_environment)
    await ensure_topics(settings)
    return settings


@pytest.fixture(scope="session")
async def product_ids(database: Database) -> list[ProductId]:
    """Enough products for every drift to have one of its own."""
    category = await create_category(database, NewCategory(name=f"audited {uuid.uuid4().hex[:12]}"), STAFF)
    made: list[ProductId] = []
    for number in range(PRODUCTS):
        new = NewProduct(title=f"Audited product {number}", price_minor=500 + number, category=category.id)
        made.append(ProductId((await create_product(database, new, STAFF)).id))
    return made


@pytest.fixture
async def healthy(installation: Installation, database: Database, product_ids: Sequence[ProductId]) -> Installation:
    """An index that says exactly what Postgres says."""
    assert product_ids
    await installation.indexes.ensure()
    async for snapshots in stream_snapshots(database, "USD"):
        assert await installation.writer.write([product_document(each) for each in snapshots]) == []
    await installation.refresh()
    return installation


@pytest.fixture
def relay(own_environment: Mapping[str, str], kafka: KafkaSettings, tmp_path: Path) -> Iterator[None]:
    """A real relay for this installation's topics."""
    assert kafka.topic_prefix
    process = AisleProcess(own_environment, tmp_path, "relay")
    process.start()
    yield
    process.stop()


@dataclass(frozen=True)
class Writing:
    """What changes products in the background: set `done` to end it; `changed` grows meanwhile."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    changed: list[ProductId] = field(default_factory=list)


async def change_on_and_on(database: Database, product_ids: Sequence[ProductId], writing: Writing) -> None:
    """Change WRITES_PER_S products a second, every other one of the first fifty."""
    chosen = random.Random(5)  # noqa: S311 - a test's choice
    at = asyncio.get_running_loop().time
    due = at()
    while not writing.done.is_set():
        product_id = chosen.choice(product_ids[:50] if len(writing.changed) % 2 else product_ids)
        await change_product(database, product_id, ProductChanges(title=f"New {uuid.uuid4().hex}"), STAFF)
        writing.changed.append(product_id)
        due += 1 / WRITES_PER_S
        await asyncio.sleep(max(0.0, due - at()))


@pytest.fixture
async def written_to(
    relay: None, healthy: Installation, database: Database, kafka: KafkaSettings, product_ids: Sequence[ProductId]
) -> AsyncIterator[Writing]:
    """Products change all the while, and relay and consumer carry that into the index."""
    assert relay is None
    stop, writing = asyncio.Event(), Writing()
    consumer = asyncio.create_task(run_index_consumer(healthy.settings, kafka, stop))
    changes = asyncio.create_task(change_on_and_on(database, product_ids, writing))
    yield writing
    writing.done.set()
    await changes
    stop.set()
    await consumer
