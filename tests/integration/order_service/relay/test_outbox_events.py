"""Outbox rows on real Postgres and Kafka."""

import uuid
from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from messaging.messages import IncomingMessage, OutgoingMessage
from messaging.publisher import Publisher
from order_service.database.engine import Database
from order_service.outbox.append import OUTBOX_SHARDS, OutboxRow, append_to_outbox, outbox_row
from order_service.relay.outbox_events import MARK, relay_outbox
from schemas.events.envelope import Envelope
from schemas.events.order_events import ORDER_CONFIRMED, ORDER_PAID, OrderEvent
from schemas.settings import KafkaSettings
from tests.factories.events import order_event
from tests.factories.kafka import read_all

pytestmark = pytest.mark.servers

ALL_SHARDS = range(OUTBOX_SHARDS)


class Killed(Exception):
    """The relay died here."""


class KilledAfterPublishing(Publisher):
    """Publishes, and dies before it can say so."""

    async def publish(self, messages: Sequence[OutgoingMessage]) -> None:
        await super().publish(messages)
        raise Killed


def row(order_id: str, sequence: int = 1, event_type: str = ORDER_CONFIRMED) -> OutboxRow:
    return outbox_row("order", order_id, event_type, order_event(id=order_id), sequence, "req-1")


async def append(database: Database, *rows: OutboxRow) -> None:
    async with database.writes.begin() as connection:
        await append_to_outbox(connection, rows)


async def drain(database: Database, publisher: Publisher) -> None:
    async with database.reads.connect() as connection:
        while await relay_outbox(connection, ALL_SHARDS, publisher):
            pass


async def positions(connection: AsyncConnection, order_id: str) -> list[int | None]:
    found = await connection.execute(
        text("SELECT published_position FROM outbox WHERE aggregateid = :id ORDER BY sequence"), {"id": order_id}
    )
    return list(found.scalars())


async def of_order(kafka: KafkaSettings, order_id: str) -> list[IncomingMessage]:
    return [each for each in await read_all(kafka, "order.v1") if each.key == order_id.encode()]


async def test_a_row_becomes_a_message_with_its_envelope(database: Database, kafka: KafkaSettings) -> None:
    order_id = str(uuid.uuid4())
    written = row(order_id)
    await append(database, written)
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    (message,) = await of_order(kafka, order_id)
    envelope = Envelope.from_headers(message.headers)
    assert (envelope.id, envelope.type, envelope.subject) == (written.id, ORDER_CONFIRMED, order_id)
    assert (envelope.sequence, envelope.request_id) == (1, "req-1")
    assert msgspec.json.decode(message.value or b"", type=OrderEvent).id == order_id


async def test_events_of_an_order_go_out_by_sequence_whatever_their_ids(
    database: Database, kafka: KafkaSettings
) -> None:
    order_id = str(uuid.uuid4())
    later_but_smaller = row(order_id, 2, ORDER_PAID)  # as when the second writer's clock is behind
    await append(database, row(order_id, 1))
    await append(database, later_but_smaller, row(order_id, 3, ORDER_PAID))
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    assert [each.headers["sequence"] for each in await of_order(kafka, order_id)] == ["1", "2", "3"]
    async with database.reads.connect() as connection:
        found = await positions(connection, order_id)
    assert None not in found
    assert found == sorted(found, key=lambda position: position or 0)


async def test_a_row_that_commits_late_is_found(database: Database, kafka: KafkaSettings) -> None:
    late, early = str(uuid.uuid4()), str(uuid.uuid4())
    async with Publisher(kafka) as publisher:
        async with database.writes.begin() as slow:
            await append_to_outbox(slow, [row(late)])
            await append(database, row(early))
            await drain(database, publisher)
            assert len(await of_order(kafka, early)) == 1
            assert await of_order(kafka, late) == []
        await drain(database, publisher)
    assert len(await of_order(kafka, late)) == 1


async def test_a_relay_killed_between_publish_and_mark_repeats_and_loses_nothing(
    database: Database, kafka: KafkaSettings
) -> None:
    order_id = str(uuid.uuid4())
    await append(database, row(order_id, 1))
    async with KilledAfterPublishing(kafka) as dying:
        with pytest.raises(Killed):
            await drain(database, dying)
    async with database.reads.connect() as connection:
        assert await positions(connection, order_id) == [None]
    await append(database, row(order_id, 2, ORDER_PAID))
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
        await drain(database, publisher)
    found = await of_order(kafka, order_id)
    assert [each.headers["sequence"] for each in found] == ["1", "1", "2"]
    assert found[0].headers["ce_id"] == found[1].headers["ce_id"]


async def test_only_the_shards_it_owns_are_relayed(database: Database, kafka: KafkaSettings) -> None:
    first, second = row(str(uuid.uuid4())), row(str(uuid.uuid4()))
    while second.shard == first.shard:
        second = row(str(uuid.uuid4()))
    await append(database, first, second)
    async with Publisher(kafka) as publisher, database.reads.connect() as connection:
        while await relay_outbox(connection, [first.shard], publisher):
            pass
        assert len(await of_order(kafka, first.aggregateid)) == 1
        assert await of_order(kafka, second.aggregateid) == []
        await drain(database, publisher)


async def test_an_event_of_an_unknown_aggregate_waits_for_a_release_that_knows_it(
    database: Database, kafka: KafkaSettings
) -> None:
    unknown = row(str(uuid.uuid4()))._replace(aggregatetype="parcel")
    await append(database, unknown)
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    async with database.writes.begin() as connection:
        assert await positions(connection, unknown.aggregateid) == [None]
        await connection.execute(text("DELETE FROM outbox WHERE id = :id"), {"id": unknown.id})


async def test_more_than_a_batch_goes_out_without_a_gap(database: Database, kafka: KafkaSettings) -> None:
    orders = [str(uuid.uuid4()) for _ in range(700)]
    await append(database, *(row(order_id, sequence) for order_id in orders for sequence in (1, 2)))
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    found: dict[str, list[str]] = {}
    for each in await read_all(kafka, "order.v1"):
        found.setdefault((each.key or b"").decode(), []).append(each.headers["sequence"])
    assert all(found[order_id] == ["1", "2"] for order_id in orders)


async def test_positions_follow_the_order_of_sending_whatever_plan_postgres_takes(database: Database) -> None:
    order_id = str(uuid.uuid4())
    sent = [row(order_id, sequence, ORDER_PAID) for sequence in range(1, 8)]
    await append(database, *reversed(sent))
    async with database.writes.begin() as connection:
        for method in ("hashjoin", "mergejoin", "material", "indexscan", "bitmapscan"):
            await connection.execute(
                text(f"SET LOCAL enable_{method} = off")
            )  # what a small outbox may be planned with
        await connection.execute(MARK, {"ids": [each.id for each in sent]})
    async with database.reads.connect() as connection:
        found = await positions(connection, order_id)
    assert None not in found
    assert found == sorted(found, key=lambda position: position or 0)
