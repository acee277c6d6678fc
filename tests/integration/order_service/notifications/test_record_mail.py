"""Recording mail in real Postgres."""

import uuid

import pytest
from sqlalchemy import text

from messaging.errors import Poison, RetryLater
from order_service.database.engine import Database, open_database
from order_service.notifications.record_mail import record_mail
from schemas.settings import DatabaseSettings
from tests.factories.events import order_event, order_message, plain_message

pytestmark = pytest.mark.servers


async def rows_of(database: Database, *event_ids: uuid.UUID) -> list[tuple[str, str]]:
    async with database.reads.connect() as connection:
        rows = await connection.execute(
            text("""
            SELECT recipient, status FROM notifications JOIN inbox USING (event_id)
            WHERE consumer = 'notifications' AND event_id = ANY (:ids) ORDER BY recipient
            """),
            {"ids": list(event_ids)},
        )
        return [(row.recipient, row.status) for row in rows]


async def test_an_event_that_arrives_twice_is_recorded_once(database: Database) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    batch = [
        order_message(order_event(email="one@example.com"), event_id=first),
        order_message(order_event(email="two@example.com"), event_id=second),
    ]
    await record_mail(database, [*batch, batch[0]])
    await record_mail(database, batch)
    assert await rows_of(database, first, second) == [("one@example.com", "PENDING"), ("two@example.com", "PENDING")]


async def test_nothing_of_a_batch_with_poison_is_recorded(database: Database) -> None:
    event_id = uuid.uuid4()
    with pytest.raises(Poison):
        await record_mail(database, [order_message(event_id=event_id), plain_message(1)])
    assert await rows_of(database, event_id) == []


async def test_a_batch_waits_while_postgres_is_away(unused_tcp_port: int) -> None:
    away = open_database(DatabaseSettings(url=f"postgresql://aisle@127.0.0.1:{unused_tcp_port}/none"))
    with pytest.raises(RetryLater):
        await record_mail(away, [order_message()])
    await away.close()
