"""Applies migrations, one process at a time, and tells whether the schema is the one this code was written for."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from order_service.database.engine import sqlalchemy_url
from order_service.database.fair_engine import FairEngine
from schemas.settings import DatabaseSettings

MIGRATION_LOCK = 0x61_69_73_6C_65  # "aisle"; any constant does, as long as every release uses the same


def apply_migrations(settings: DatabaseSettings, revision: str = "head") -> tuple[str | None, str]:
    """Bring the schema to the newest revision, or up to a given one, and return (before, after).

    Blocks while another process migrates (advisory lock); each migration commits by itself, so a killed run
    goes on where it stopped.
    """
    engine = create_engine(sqlalchemy_url(settings.url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        before = _revision(connection)
        connection.commit()
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
        after = _revision(connection)
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
    engine.dispose()
    return before, after or ""


async def schema_revision(engine: FairEngine) -> str | None:
    """Read the revision the database is at; None before the first migration."""
    async with engine.connect() as connection:
        return await connection.run_sync(_revision)


def newest_revision() -> str:
    """Name the revision that this code expects."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def alembic_config() -> Config:
    """Point alembic at the migrations beside this module; no file is read."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
