"""A database of its own on a server, and the variables of a process that uses it; for tests and benchmarks."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from order_service.database.migrate import apply_migrations
from schemas.settings import DatabaseSettings

SERVERS = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS")
SECRET_KEY = "not-a-secret-in-earnest-" + "x" * 32


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Give the URL of a new migrated database on that server, and drop it in the end whatever happened."""
    with empty_database(server) as url:
        apply_migrations(DatabaseSettings(url=url))
        yield url


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Give the URL of a new database without any table, and drop it in the end whatever happened."""
    name = f"aisle_{uuid.uuid4().hex[:12]}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    _run(server, f'CREATE DATABASE "{name}"')
    try:
        yield url
    finally:
        _run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def process_environment(servers: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Lend the variables of a process on a new database, with index and topic prefixes that nobody else uses."""
    own = f"t{uuid.uuid4().hex[:12]}"
    with fresh_database(servers["DATABASE_URL"]) as url:
        yield {
            **servers,
            "DATABASE_URL": url,
            "SEARCH_INDEX_PREFIX": own,
            "KAFKA_TOPIC_PREFIX": f"{own}.",
            "SMTP_URL": os.environ.get("SMTP_URL", "smtp://127.0.0.1:1"),
            "AISLE_SECRET_KEY": SECRET_KEY,
            "AISLE_ENV": "development",
        }


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(statement.encode())
