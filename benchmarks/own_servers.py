"""Lends a benchmark its own part of the servers: a database, an index prefix and topics, all dropped at the end.

Where the servers are is said by the variables that `make bench` exports. The tests' own environments are left to go
with their servers; a benchmark may run on servers that stay, so it leaves nothing.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aiokafka.admin import AIOKafkaAdminClient

from schemas.environment import load
from schemas.search_settings import SearchSettings
from schemas.settings import KafkaSettings
from search_indexer.elasticsearch_client import open_writing_client
from tests.factories.fresh_database import SERVERS, process_environment


@contextmanager
def fresh_environment() -> Iterator[dict[str, str]]:
    """Give the variables of a process on a new database, with indexes and topics that nobody else uses.

    Raises KeyError naming the variable when a server is not there.
    """
    with process_environment({name: os.environ[name] for name in SERVERS}) as environment:
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
