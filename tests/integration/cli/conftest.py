"""A database of its own for each module of command tests, and a way to run commands on it."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from click.testing import CliRunner, Result

from cli.main import aisle

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def empty_shop(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variables of a process on a database without any table."""
    name = f"aisle_cli_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    yield {**environment, "DATABASE_URL": urlunsplit(urlsplit(environment["DATABASE_URL"])._replace(path=f"/{name}"))}
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def run(empty_shop: dict[str, str]) -> Run:
    """Run `aisle` with these arguments on the module's database; variables may be given by name."""

    def invoke(*arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(aisle, arguments, env={**empty_shop, **variables})

    return invoke


@pytest.fixture(scope="module")
def shop(run: Run) -> Run:
    """Run `aisle` on a migrated database."""
    assert run("migrate").exit_code == 0
    return run


@pytest.fixture
def query(empty_shop: dict[str, str]) -> Callable[[str], list[tuple[object, ...]]]:
    """Ask the module's database."""

    def ask(statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(empty_shop["DATABASE_URL"]) as connection:
            return connection.execute(statement.encode()).fetchall()

    return ask
