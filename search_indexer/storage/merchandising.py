"""Every version of the synonyms and rules that staff saved; the highest version of a kind is in effect."""

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import exc, text

from order_service.database.engine import Database, translated_errors

Kind = Literal["synonyms", "rules"]

VERSIONS = text("SELECT kind, max(version) AS version FROM merchandising_versions GROUP BY kind")

NEWEST = text("""
SELECT version, CAST(content AS text) AS content, actor, created_at
FROM merchandising_versions WHERE kind = :kind ORDER BY version DESC LIMIT 1
""")

INSERT = text("""
INSERT INTO merchandising_versions (kind, version, content, actor)
SELECT :kind, :changed + 1, CAST(:content AS jsonb), :actor
WHERE :changed = (SELECT coalesce(max(version), 0) FROM merchandising_versions WHERE kind = :kind)
RETURNING version, actor, created_at
""")


class Saved(msgspec.Struct, frozen=True):
    """One version as it was saved; `content` is JSON."""

    version: int
    content: str
    actor: str
    created_at: datetime


async def read_versions(database: Database) -> dict[str, int]:
    """Give the version in effect of each kind that was ever saved. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        return {row.kind: row.version for row in await connection.execute(VERSIONS)}


async def read_newest(database: Database, kind: Kind) -> Saved | None:
    """Give the version in effect; None before the first. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(NEWEST, {"kind": kind})).one_or_none()
        return None if row is None else Saved(*row)


async def insert_version(database: Database, kind: Kind, changed: int, content: str, actor: str) -> Saved | None:
    """Save what follows the version `changed`; None when that is not the one in effect. Raises Unavailable.

    The table's key lets one of two writers through who change the same version at once.
    """
    new = {"kind": kind, "changed": changed, "content": content, "actor": actor}
    try:
        async with translated_errors(), database.writes.begin() as connection:
            row = (await connection.execute(INSERT, new)).one_or_none()
            return None if row is None else Saved(row.version, content, row.actor, row.created_at)
    except exc.IntegrityError:
        return None
