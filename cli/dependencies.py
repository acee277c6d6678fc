"""What commands that work on the database have in common: settings from the environment, and a Database to use."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import click

from order_service.database.engine import Database, open_database, translated_errors
from order_service.database.migrate import newest_revision, schema_revision
from order_service.errors import Unavailable
from schemas.environment import load
from schemas.settings import DatabaseSettings

Result = TypeVar("Result")
Settings = TypeVar("Settings")


def load_settings(settings_class: type[Settings]) -> Settings:
    """Read settings from this process's environment; raises SettingsError naming every wrong variable."""
    return load(settings_class, os.environ)


def with_database(
    application: str, work: Callable[[Database], Awaitable[Result]], least_connections: int = 1
) -> Result:
    """Run `work` in an event loop of its own on a Database without a statement time-out, and close that.

    `least_connections` is for work that holds a lock's connection beside those it reads with.
    Ends the command with one line when Postgres is away or its schema is not the one of this release.
    """

    async def run() -> Result:
        async with _opened(application, least_connections) as database:
            return await work(database)

    try:
        return asyncio.run(run())
    except Unavailable as error:
        raise click.ClickException(
            "Postgres cannot serve this now; what was committed stays, run the command again"
        ) from error


@asynccontextmanager
async def _opened(application: str, least_connections: int) -> AsyncIterator[Database]:
    settings = load_settings(DatabaseSettings)
    settings = replace(settings, pool_size=max(settings.pool_size, least_connections))
    database = open_database(settings, application=f"aisle {application}", statement_timeout_ms=0)
    try:
        await _check_schema(database)
        yield database
    finally:
        await database.close()


async def _check_schema(database: Database) -> None:
    async with translated_errors():
        found = await schema_revision(database.reads)
    expected = newest_revision()
    if found != expected:
        raise click.ClickException(
            f"the database is at schema {found or 'none'}, this release needs {expected}: run `aisle migrate`"
        )
