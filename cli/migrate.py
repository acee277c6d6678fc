"""`aisle migrate`: brings the database's schema to this release."""

import asyncio

import click

from cli.dependencies import load_settings
from order_service.database.engine import translated_errors
from order_service.database.migrate import apply_migrations
from order_service.errors import Unavailable
from schemas.settings import DatabaseSettings


@click.command()
def migrate() -> None:
    """Apply what the schema lacks; waits while another process migrates."""
    settings = load_settings(DatabaseSettings)
    try:
        before, after = asyncio.run(_migrate(settings))
    except Unavailable as error:
        raise click.ClickException("Postgres cannot be reached now") from error
    click.echo(f"schema: {before or 'none'} → {after}" if before != after else f"schema: {after}, as before")


async def _migrate(settings: DatabaseSettings) -> tuple[str | None, str]:
    async with translated_errors():
        return await asyncio.to_thread(apply_migrations, settings)
