"""Topics of its own for a test that publishes, and a database that holds these tests' products alone."""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from messaging.topics import ensure_topics
from order_service.database.engine import Database, open_database
from order_service.database.migrate import apply_migrations
from schemas.environment import load
from schemas.settings import DatabaseSettings, KafkaSettings
from tests.integration.search_indexer.conftest import Installation


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


@pytest.fixture
def own_environment(
    environment: Mapping[str, str], installation: Installation, few_products: DatabaseSettings
) -> Mapping[str, str]:
    """The variables of a process of this installation alone."""
    prefix = installation.settings.index_prefix
    return {
        **environment,
        "DATABASE_URL": few_products.url,
        "SEARCH_INDEX_PREFIX": prefix,
        "KAFKA_TOPIC_PREFIX": f"{environment['KAFKA_TOPIC_PREFIX']}{prefix}.",
    }


@pytest.fixture
async def kafka(own_environment: Mapping[str, str]) -> KafkaSettings:
    """The installation's topics, made."""
    settings: KafkaSettings = load(KafkaSettings, own_environment)
    await ensure_topics(settings)
    return settings
