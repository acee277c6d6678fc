"""The loop of `aisle relay`: owns what shards it can get, moves what is there, waits a moment, again.

The outbox and the product marks are two lanes, each with its own connection, locks and producer, so that an
import of ten thousand products does not hold up an order's confirmation. A relay that gets no shard stands by
and asks again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from messaging.errors import PublishFailed
from messaging.publisher import Publisher
from messaging.waiting import Backoff, Stopped, happened_within, unless_stopped
from order_service.database.lock_session import lock_session
from order_service.outbox.append import OUTBOX_SHARDS
from order_service.relay.outbox_events import relay_outbox
from order_service.relay.product_events import relay_products
from order_service.relay.shard_locks import claim
from schemas.settings import DatabaseSettings, KafkaSettings

PRODUCT_SHARD = -1  # the lock of the product marks, beside those of the outbox's shards 0..15
BUSY_POLL_S = 0.025
QUIET_POLL_S = 0.050
QUIET_AFTER = 40  # empty polls: a second without anything to do
CLAIM_PAUSE_S = 0.5
FINISH_S = 3.0
BACKOFF = Backoff(first_s=0.1, cap_s=2.0)

Step = Callable[[AsyncConnection, Sequence[int]], Awaitable[bool]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of work: the shards that divide it, and the step that moves one batch of the shards it is given."""

    name: str
    shards: tuple[int, ...]
    step: Step


async def run_relay(database: DatabaseSettings, kafka: KafkaSettings, currency: str, stop: asyncio.Event) -> None:
    """Relay until `stop` is set; then finish or give up the running batch and return within 10 s.

    Blocks for the life of the process. Waits with back-off while Postgres or Kafka is away, at the start or
    later.
    """
    async with Publisher(kafka) as order_events, Publisher(kafka) as product_events:

        async def outbox(connection: AsyncConnection, shards: Sequence[int]) -> bool:
            return await relay_outbox(connection, shards, order_events)

        async def products(connection: AsyncConnection, _: Sequence[int]) -> bool:
            return await relay_products(connection, product_events, currency)

        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(keep_lane(database, Lane("outbox", tuple(range(OUTBOX_SHARDS)), outbox), stop))
            lanes.create_task(keep_lane(database, Lane("products", (PRODUCT_SHARD,), products), stop))


async def keep_lane(database: DatabaseSettings, lane: Lane, stop: asyncio.Event) -> None:
    """Work the lane until `stop` is set, on a new connection (and with new claims) after each loss of the last."""
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            async with lock_session(database, "aisle relay") as connection:
                await _work(connection, lane, stop)
        except Stopped:
            return
        except (SQLAlchemyError, OSError) as error:
            failures = 1 if time.monotonic() - started > BACKOFF.cap_s else failures + 1
            log.warning("postgres_away", lane=lane.name, error=str(error).partition("\n")[0], failures=failures)
            await happened_within(stop, BACKOFF.pause_s(failures))


async def _work(connection: AsyncConnection, lane: Lane, stop: asyncio.Event) -> None:
    owned: set[int] = set()
    claim_at = 0.0
    failures = empty = 0
    while not stop.is_set():
        if len(owned) < len(lane.shards) and time.monotonic() >= claim_at:
            owned |= await _claim_more(connection, lane, owned)
            claim_at = time.monotonic() + CLAIM_PAUSE_S
        if not owned:
            await happened_within(stop, CLAIM_PAUSE_S)
            continue
        try:
            more = await unless_stopped(_step(lane, connection, owned), stop, grace_s=FINISH_S)
        except PublishFailed as error:
            failures += 1
            log.warning("kafka_away", lane=lane.name, error=str(error), failures=failures)
            await happened_within(stop, BACKOFF.pause_s(failures))
            continue
        failures, empty = 0, 0 if more else empty + 1
        if not more:
            await happened_within(stop, BUSY_POLL_S if empty < QUIET_AFTER else QUIET_POLL_S)


async def _step(lane: Lane, connection: AsyncConnection, owned: set[int]) -> bool:
    return await lane.step(connection, sorted(owned))


async def _claim_more(connection: AsyncConnection, lane: Lane, owned: set[int]) -> set[int]:
    gained = await claim(connection, set(lane.shards) - owned)
    if gained:
        log.info("shards_claimed", lane=lane.name, shards=sorted(gained))
    return gained
