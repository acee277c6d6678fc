"""The audit trail: who of the staff did what to what, when and why; written in the transaction of the deed itself.

Every use case that staff start calls `record`; the back office reads. Rows are never changed: a trigger refuses.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds

RECORD = text("""
INSERT INTO audit_trail (actor, action, subject, details, reason, request_id)
VALUES (:actor, :action, :subject, CAST(:details AS jsonb), :reason, :request_id)
""")

CHOSEN = """
FROM audit_trail WHERE (CAST(:actor AS text) IS NULL OR actor = :actor)
  AND (CAST(:action AS text) IS NULL OR action = :action)
  AND (CAST(:subject AS text) IS NULL OR subject = :subject)
  AND (CAST(:done_from AS timestamptz) IS NULL OR done_at >= :done_from)
  AND (CAST(:done_to AS timestamptz) IS NULL OR done_at < :done_to)
"""

COUNT = text("SELECT count(*) " + CHOSEN)

PAGE = text(
    "SELECT id, actor, action, subject, details, reason, request_id, done_at "
    + CHOSEN
    + " ORDER BY id DESC LIMIT :limit OFFSET :offset"
)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded: `action` as `kind.verb`, `subject` as `kind:id`, `details` what it did, before and after."""

    action: str
    subject: str
    details: Mapping[str, Any] = {}
    reason: str = ""


class TrailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded deed."""

    id: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    reason: str
    request_id: str | None
    done_at: datetime


class TrailFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deeds to list; None means any. `done_to` is exclusive."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    done_from: datetime | None = None
    done_to: datetime | None = None


async def record(connection: AsyncConnection, actor: Actor, deed: Deed) -> None:
    """Write the deed down in the caller's transaction: it is on record exactly when it was done."""
    values = {
        "actor": actor.name,
        "action": deed.action,
        "subject": deed.subject,
        "details": msgspec.json.encode(deed.details).decode(),
        "reason": deed.reason,
        "request_id": actor.request_id,
    }
    await connection.execute(RECORD, values)


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Give each field that differs with both values, for a deed's details."""
    return {
        name: {"before": before.get(name), "after": value} for name, value in after.items() if before.get(name) != value
    }


async def read_trail(
    database: Database, chosen: TrailFilter, *, page: int, page_size: int
) -> tuple[list[TrailEntry], int]:
    """Give one page (from 1) of the chosen deeds, newest first, and the number of all; raises Unavailable."""
    values = msgspec.structs.asdict(chosen)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, values)).scalar_one()
        paging = page_bounds(page, page_size)
        rows = (await connection.execute(PAGE, {**values, **paging})).mappings()
        return [TrailEntry(**row) for row in rows], count
