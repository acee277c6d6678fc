"""Builds outbox rows; the use case writes them in its own transaction, the relay publishes them.

The column names are those of the Debezium outbox event router, so that a shop which outgrows our relay can point
Debezium at the table as it stands.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import uuid_utils.compat
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.json_arrays import json_array

OUTBOX_SHARDS = 16


class OutboxRow(NamedTuple):
    """One event to come: `sequence` counts 1..n within its aggregate, `payload` is JSON text."""

    id: UUID
    aggregatetype: str
    aggregateid: str
    type: str
    payload: str
    sequence: int
    request_id: str | None
    shard: int


def shard_of(aggregate_id: str) -> int:
    """Give the shard that carries every event of this aggregate, so that their order is one relay's business."""
    return zlib.crc32(aggregate_id.encode()) % OUTBOX_SHARDS


def outbox_row(  # noqa: PLR0913, PLR0917 - each argument is a column of the row
    aggregate_type: str,
    aggregate_id: str,
    event_type: str,
    data: msgspec.Struct,
    sequence: int,
    request_id: str | None,
) -> OutboxRow:
    """Make one row with a fresh time-ordered id."""
    return OutboxRow(
        id=uuid_utils.compat.uuid7(),
        aggregatetype=aggregate_type,
        aggregateid=aggregate_id,
        type=event_type,
        payload=msgspec.json.encode(data).decode(),
        sequence=sequence,
        request_id=request_id,
        shard=shard_of(aggregate_id),
    )


INSERT_EVENTS: Final = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, request_id, shard, payload)
SELECT * FROM ROWS FROM (
    unnest(
        CAST(:ids AS uuid[]), CAST(:aggregatetypes AS text[]), CAST(:aggregateids AS text[]), CAST(:types AS text[]),
        CAST(:sequences AS bigint[]), CAST(:request_ids AS text[]), CAST(:shards AS smallint[])
    ), jsonb_array_elements(CAST(:payloads AS jsonb))
)
"""
"""Ends a statement of its own, or one whose CTEs write what the events tell of."""

APPEND = text(INSERT_EVENTS)


async def append_to_outbox(connection: AsyncConnection, rows: Sequence[OutboxRow]) -> None:
    """Insert the rows in one statement inside the caller's transaction."""
    await connection.execute(APPEND, outbox_columns(rows))


def outbox_columns(rows: Sequence[OutboxRow]) -> dict[str, Any]:
    """Turn rows into the parameters of INSERT_EVENTS."""
    return {
        "ids": [row.id for row in rows],
        "aggregatetypes": [row.aggregatetype for row in rows],
        "aggregateids": [row.aggregateid for row in rows],
        "types": [row.type for row in rows],
        "payloads": json_array([row.payload for row in rows]),
        "sequences": [row.sequence for row in rows],
        "request_ids": [row.request_id for row in rows],
        "shards": [row.shard for row in rows],
    }
