"""Lends a benchmark its own part of the servers: a database, an index prefix and topics, all dropped at the end.

Where the servers are is said by the variables that `make bench` exports. The tests' own environments are left to go
with their servers; a benchmark may run on servers that stay, so it leaves nothing.
"""

import asyncio
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from aiokafka.admin import AIOKafkaAdminClient

from order_service.database.migrate import apply_migrations
from schemas.environment import load
from schemas.settings import DatabaseSettings, KafkaSettings, SearchSettings
from search_indexer.elasticsearch_client import open_writing_client

SERVERS = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS")
SECRET_KEY = "only-for-benchmarks-" + "x" * 32


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Give the URL of a new migrated database on that server, and drop it in the end."""
    name = f"aisle_bench_{uuid.uuid4().hex[:12]}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            apply_migrations(DatabaseSettings(url=url))
            yield url
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def fresh_environment() -> Iterator[dict[str, str]]:
    """Give the variables of a process on a new database, with indexes and topics that nobody else uses.

    Raises KeyError naming the variable when a server is not there.
    """
    servers = {name: os.environ[name] for name in SERVERS}
    own = f"bench{uuid.uuid4().hex[:12]}"
    with fresh_database(servers["DATABASE_URL"]) as url:
        environment = {
            **servers,
            "DATABASE_URL": url,
            "SEARCH_INDEX_PREFIX": own,
            "KAFKA_TOPIC_PREFIX": f"{own}.",
            "SMTP_URL": os.environ.get("SMTP_URL", "smtp://127.0.0.1:1"),
            "AISLE_SECRET_KEY": SECRET_KEY,
            "AISLE_ENV": "development",
        }
        try:
            yield environment
        finally:
            asyncio.run(_drop(environment))


async def _drop(environment: Mapping[str, str]) -> None:
    await _drop_indexes(load(SearchSettings, environment))
    await _drop_topics(load(KafkaSettings, environment))


async def _drop_indexes(settings: SearchSettings) -> None:
    client = open_writing_client(settings)
    try:
        for name in await client.indices.get(index=f"{settings.index_prefix}-*"):
            await client.indices.delete(index=name)
    finally:
        await client.close()


async def _drop_topics(settings: KafkaSettings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        own = [name for name in await admin.list_topics() if name.startswith(settings.topic_prefix)]
        if own:
            await admin.delete_topics(own)
    finally:
        await admin.close()
