"""Publishes committed outbox rows, in order per aggregate, and marks them after the acknowledgement; one relay step.

Ids are not commit order, so nothing here remembers a last id: what is unpublished is asked for each time, and
a row whose transaction commits late is simply found later. Order per key needs no more than that. The
sequence n + 1 of an aggregate is only given out under the lock of its row (orders: FOR NO KEY UPDATE), so n
has committed before; the read below takes every unpublished row of each aggregate it touches in one snapshot
and sorts by sequence.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from schemas.events.envelope import Envelope
from schemas.events.topics import TOPIC_OF_AGGREGATE

BATCH_ROWS = 1_000

# BETWEEN and the order by shard leave the planner only the index of unpublished rows. With `shard = …` it knows that
# the order is by id alone, and after an ANALYZE during a backlog it walks the primary key: past every published row.
READ = text("""
WITH due AS MATERIALIZED (
    SELECT DISTINCT oldest.aggregatetype, oldest.aggregateid
    FROM unnest(CAST(:shards AS integer[])) AS owned(shard)
    CROSS JOIN LATERAL (
        SELECT aggregatetype, aggregateid FROM outbox
        WHERE outbox.shard BETWEEN owned.shard AND owned.shard AND published_position IS NULL
          AND aggregatetype = ANY (CAST(:aggregate_types AS text[]))
        ORDER BY outbox.shard, outbox.id LIMIT :rows_per_shard
    ) AS oldest
)
SELECT outbox.id, outbox.aggregatetype, outbox.aggregateid, outbox.type, CAST(outbox.payload AS text) AS
payload,
       outbox.sequence, outbox.request_id, outbox.created_at
FROM due JOIN outbox USING (aggregatetype, aggregateid)
WHERE outbox.published_position IS NULL
ORDER BY outbox.aggregatetype, outbox.aggregateid, outbox.sequence
""")

MARK = text("""
WITH numbered AS MATERIALIZED (
    SELECT id, nextval('published_positions') AS position
    FROM (
        SELECT id FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS sent(id, place) ORDER BY place
    ) AS ordered
)
UPDATE outbox SET published_position = numbered.position
FROM numbered WHERE outbox.id = numbered.id AND outbox.published_position IS NULL
""")
"""Materialized: as a subquery it may be scanned again for each row of a small outbox, and number every time anew."""


class UnpublishedEvent(NamedTuple):
    """One outbox row as READ gives it; `payload` is JSON text."""

    id: UUID
    aggregatetype: str
    aggregateid: str
    type: str
    payload: str
    sequence: int
    request_id: str | None
    created_at: datetime


async def relay_outbox(connection: AsyncConnection, shards: Sequence[int], publisher: Publisher) -> bool:
    """Publish and mark up to about BATCH_ROWS events of the shards; True when more is probably waiting.

    Raises PublishFailed with nothing marked: the same rows are read again, so what did arrive is published
    twice. A row of an aggregate type that this release does not know waits for the release that does.
    """
    rows_per_shard = max(1, BATCH_ROWS // len(shards))
    events = await read_unpublished(connection, shards, rows_per_shard)
    if not events:
        return False
    await publisher.publish([to_message(event) for event in events])
    await connection.execute(MARK, {"ids": [event.id for event in events]})
    return len(events) >= rows_per_shard


async def read_unpublished(
    connection: AsyncConnection, shards: Sequence[int], rows_per_shard: int
) -> list[UnpublishedEvent]:
    """Read the oldest unpublished events of each shard, ordered by aggregate and sequence."""
    rows = await connection.execute(
        READ,
        {
            "shards": list(shards),
            "aggregate_types": list(TOPIC_OF_AGGREGATE),
            "rows_per_shard": rows_per_shard,
        },
    )
    return [UnpublishedEvent(*row) for row in rows]


def to_message(event: UnpublishedEvent) -> OutgoingMessage:
    """Make the Kafka message: key and subject are the aggregate's id, the value is the payload as it is stored."""
    envelope = Envelope(
        id=event.id,
        type=event.type,
        subject=event.aggregateid,
        time=event.created_at,
        sequence=event.sequence,
        request_id=event.request_id,
    )
    return OutgoingMessage(
        topic=TOPIC_OF_AGGREGATE[event.aggregatetype].name,
        key=event.aggregateid.encode(),
        value=event.payload.encode(),
        headers=envelope.to_headers(),
    )
