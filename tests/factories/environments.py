"""An environment of its own on the real servers: database, index prefix and topic prefix that nobody else uses."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from order_service.database.migrate import apply_migrations
from schemas.settings import DatabaseSettings

SERVERS = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS")


def server_addresses() -> dict[str, str]:
    """Give where `make test` started the servers; without them the test skips, or fails under CI."""
    missing = [name for name in SERVERS if not os.environ.get(name)]
    if missing:
        reason = f"needs the real servers ({', '.join(missing)} not set): run `make test`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return {name: os.environ[name] for name in SERVERS}


@contextmanager
def fresh_environment() -> Iterator[Mapping[str, str]]:
    """Lend the variables a process would be started with, on a fresh migrated database that is dropped at the end."""
    servers = server_addresses()
    name = f"aisle_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(servers["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    url = urlunsplit(urlsplit(servers["DATABASE_URL"])._replace(path=f"/{name}"))
    apply_migrations(DatabaseSettings(url=url))
    yield {
        **servers,
        "DATABASE_URL": url,
        "SEARCH_INDEX_PREFIX": f"t{name[6:]}",
        "KAFKA_TOPIC_PREFIX": f"{name}.",
        "KAFKA_PARTITIONS": "3",
        "SMTP_URL": os.environ.get("SMTP_URL", "smtp://127.0.0.1:1"),
        "AISLE_SECRET_KEY": "only-for-tests-" + "x" * 32,
        "AISLE_ENV": "development",
    }
    with psycopg.connect(servers["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
