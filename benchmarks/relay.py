"""One relay process beside a bare producer: how many outbox events a second, and how soon after their commit.

The reference publishes the very same messages through `messaging.publisher`, without Postgres. An event counts as
acknowledged once its row is marked, which the relay does after the acknowledgement; so the relay's times hold a little
more than they claim.
"""

import asyncio
import itertools
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import TextClause, text

from benchmarks.latencies import MEDIAN, NEARLY_ALL, latency_row, percentile
from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Goal, Row
from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from order_service.database.engine import Database, open_database
from order_service.outbox.append import OUTBOX_SHARDS, OutboxRow, append_to_outbox, outbox_row
from order_service.relay.outbox_events import BATCH_ROWS, UnpublishedEvent, to_message
from order_service.relay.shard_locks import LOCK_CLASS
from schemas.environment import load
from schemas.events.order_events import ORDER_CONFIRMED
from schemas.settings import DatabaseSettings, KafkaSettings
from tests.factories.events import order_event
from tests.factories.processes import AisleProcess
from tests.factories.waiting import until_answered

NAME = "relay"

EVENTS = 20_000
EVENTS_A_SECOND = 5_000
SINGLE_EVENTS, SINGLE_EVENTS_A_SECOND = 300, 50
WARM_UP = 200
AT_MOST_MS = 500
POLL_S = 0.005

OWNED = text("""
SELECT count(*) > :shards FROM pg_locks
WHERE locktype = 'advisory' AND classid = :lock_class AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
ALL_MARKED = text("SELECT NOT EXISTS (SELECT FROM outbox WHERE published_position IS NULL)")
ONE_MARKED = text("SELECT published_position IS NOT NULL FROM outbox WHERE id = :id")


def run() -> list[Row]:
    """Measure on topics and a database of its own; takes about 25 seconds."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        relay = AisleProcess(environment, Path(folder), "relay")
        relay.start()
        try:
            return uvloop.run(_measured(load(DatabaseSettings, environment), load(KafkaSettings, environment)))
        finally:
            relay.stop()


async def _measured(postgres: DatabaseSettings, kafka: KafkaSettings) -> list[Row]:
    async with _opened(postgres) as database, Publisher(kafka) as publisher:
        await _until(database, OWNED, {"shards": OUTBOX_SHARDS, "lock_class": LOCK_CLASS}, within_s=60)
        for events in (events_of(WARM_UP), events_of(EVENTS)):
            relayed, published = await relayed_s(database, events), await published_s(publisher, messages_of(events))
        rate = Row(
            f"{EVENTS:,} outbox events",
            EVENTS / relayed,
            EVENTS / published,
            "bare producer",
            "events/s",
            Goal(EVENTS_A_SECOND, of="figure"),
        )
        singles = events_of(SINGLE_EVENTS)
        waits = await single_waits_s(database, singles)
        bare = [await published_s(publisher, [message]) for message in messages_of(singles)]
    return [rate, *(_latency(waits, bare, share) for share in (MEDIAN, NEARLY_ALL))]


def _latency(waits: Sequence[float], bare: Sequence[float], share: float) -> Row:
    return latency_row(
        f"commit → acknowledged, {SINGLE_EVENTS_A_SECOND} orders/s",
        waits,
        share,
        reference_s=percentile(bare, share),
        reference_name="bare producer, one by one",
        at_most_ms=AT_MOST_MS,
    )


async def relayed_s(database: Database, events: Sequence[OutboxRow]) -> float:
    """Commit all events at once and give the seconds from there until the last is marked."""
    async with database.writes.begin() as connection:
        await append_to_outbox(connection, events)
    committed = time.monotonic()
    await _until(database, ALL_MARKED, {}, within_s=120)
    return time.monotonic() - committed


async def published_s(publisher: Publisher, messages: Sequence[OutgoingMessage]) -> float:
    """Publish the messages in calls as large as the relay's; gives the seconds until the last is acknowledged."""
    started = time.monotonic()
    for first in range(0, len(messages), BATCH_ROWS):
        await publisher.publish(messages[first : first + BATCH_ROWS])
    return time.monotonic() - started


async def single_waits_s(database: Database, events: Sequence[OutboxRow]) -> list[float]:
    """Commit the events one by one at an even rate; gives for each the seconds from its commit to its mark."""
    started = time.monotonic()

    async def wait_of(number: int, event: OutboxRow) -> float:
        await asyncio.sleep(started + number / SINGLE_EVENTS_A_SECOND - time.monotonic())
        async with database.writes.begin() as connection:
            await append_to_outbox(connection, [event])
        committed = time.monotonic()
        await _until(database, ONE_MARKED, {"id": event.id}, within_s=30)
        return time.monotonic() - committed

    return await asyncio.gather(*itertools.starmap(wait_of, enumerate(events)))


def events_of(count: int) -> list[OutboxRow]:
    """Make the first events of so many orders."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    return [outbox_row("order", each, ORDER_CONFIRMED, order_event(id=each), 1, None) for each in ids]


def messages_of(events: Sequence[OutboxRow]) -> list[OutgoingMessage]:
    """Make the messages that the relay makes of these rows."""
    now = datetime.now(UTC)
    return [to_message(UnpublishedEvent(*event[:-1], created_at=now)) for event in events]


@asynccontextmanager
async def _opened(postgres: DatabaseSettings) -> AsyncIterator[Database]:
    database = open_database(postgres, application="aisle-bench", statement_timeout_ms=0)
    try:
        yield database
    finally:
        await database.close()


async def _until(database: Database, question: TextClause, values: dict[str, Any], within_s: float) -> None:
    async def answer() -> bool:
        async with database.reads.connect() as connection:
            return bool((await connection.execute(question, values)).scalar_one())

    await until_answered(answer, within_s, POLL_S)
