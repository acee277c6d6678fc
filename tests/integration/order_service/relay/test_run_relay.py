"""Whole relays beside each other on real Postgres and Kafka."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from order_service.database.engine import Database
from order_service.outbox.append import OUTBOX_SHARDS, append_to_outbox, outbox_row
from order_service.relay.run_relay import run_relay
from order_service.relay.shard_locks import LOCK_CLASS
from schemas.events.order_events import ORDER_CONFIRMED
from schemas.settings import DatabaseSettings, KafkaSettings
from tests.factories.events import order_event
from tests.factories.kafka import read_all
from tests.factories.waiting import until, until_answered

pytestmark = pytest.mark.servers


@pytest.fixture
def postgres(settings_of: Callable[[type[Any]], Any]) -> DatabaseSettings:
    settings: DatabaseSettings = settings_of(DatabaseSettings)
    return settings


@asynccontextmanager
async def relaying(postgres: DatabaseSettings, kafka: KafkaSettings) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    running = asyncio.ensure_future(run_relay(postgres, kafka, "USD", stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def lock_holders(database: Database) -> dict[int, int]:
    """Give for each backend that holds relay locks in this database how many it holds."""
    async with database.reads.connect() as connection:
        rows = await connection.execute(
            text("""
            SELECT pid, count(*) FROM pg_locks
            WHERE locktype = 'advisory' AND classid = :lock_class AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            GROUP BY pid
            """),
            {"lock_class": LOCK_CLASS},
        )
        return {int(pid): int(count) for pid, count in rows}


async def everything_owned(database: Database) -> dict[int, int] | None:
    holders = await lock_holders(database)
    return holders if sum(holders.values()) == OUTBOX_SHARDS + 1 else None


async def all_owned(database: Database) -> dict[int, int]:
    owners = await until_answered(lambda: everything_owned(database))
    assert owners is not None
    return owners


async def place(database: Database) -> str:
    order_id = str(uuid.uuid4())
    async with database.writes.begin() as connection:
        event = outbox_row("order", order_id, ORDER_CONFIRMED, order_event(id=order_id), 1, None)
        await append_to_outbox(connection, [event])
    return order_id


async def copies_of(kafka: KafkaSettings, order_id: str) -> int:
    return len([each for each in await read_all(kafka, "order.v1") if each.key == order_id.encode()])


async def is_marked(database: Database, order_id: str) -> bool:
    async with database.reads.connect() as connection:
        found = await connection.execute(
            text("SELECT published_position IS NOT NULL FROM outbox WHERE aggregateid = :id"), {"id": order_id}
        )
        return bool(found.scalar_one())


async def until_marked(database: Database, order_id: str) -> None:
    await until_answered(lambda: is_marked(database, order_id), every_s=0.005)


async def test_only_one_of_two_relays_publishes_and_the_other_takes_over(
    database: Database, postgres: DatabaseSettings, kafka: KafkaSettings
) -> None:
    async with relaying(postgres, kafka) as stop_first:
        owners = await all_owned(database)
        async with relaying(postgres, kafka):
            orders = [await place(database) for _ in range(20)]
            for order_id in orders:
                await until_marked(database, order_id)
            assert await lock_holders(database) == owners
            assert [await copies_of(kafka, order_id) for order_id in orders[:3]] == [1, 1, 1]
            stop_first.set()
            assert await until_answered(lambda: successors(database, owners))
            last = await place(database)
            await until_marked(database, last)
            assert await copies_of(kafka, last) == 1


async def successors(database: Database, before: dict[int, int]) -> dict[int, int] | None:
    owners = await everything_owned(database)
    return owners if owners and not set(owners) & set(before) else None


async def test_a_relay_that_lost_its_connections_comes_back(
    database: Database, postgres: DatabaseSettings, kafka: KafkaSettings
) -> None:
    async with relaying(postgres, kafka):
        owners = await all_owned(database)
        async with database.reads.connect() as connection:
            for pid in owners:
                await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        order_id = await place(database)
        await until_marked(database, order_id)
        assert await until_answered(lambda: successors(database, owners))


async def test_without_postgres_and_kafka_it_waits_and_stops_at_once(unused_tcp_port: int) -> None:
    nowhere = f"127.0.0.1:{unused_tcp_port}"
    stop = asyncio.Event()
    running = asyncio.ensure_future(
        run_relay(
            DatabaseSettings(url=f"postgresql://aisle@{nowhere}/none"),
            KafkaSettings(bootstrap_servers=nowhere),
            "USD",
            stop,
        )
    )
    await asyncio.wait((running,), timeout=0.5)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_while_kafka_is_away_nothing_is_marked(
    database: Database, postgres: DatabaseSettings, kafka: KafkaSettings, unused_tcp_port: int
) -> None:
    async with relaying(postgres, KafkaSettings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")):
        await all_owned(database)
        with capture_logs() as logged:
            order_id = await place(database)
            await until(lambda: [entry for entry in logged if entry["event"] == "kafka_away"])
        assert not await is_marked(database, order_id)
    async with relaying(postgres, kafka):
        await until_marked(database, order_id)
    assert await copies_of(kafka, order_id) == 1
