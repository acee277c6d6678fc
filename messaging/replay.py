"""Reads a stretch of a topic outside any group, and tells where topics end; used by `aisle reindex`."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from messaging.batch_handling import Handler
from messaging.errors import RetryLater
from messaging.membership import close_consumer, incoming, open_consumer
from messaging.topics import topic_name
from messaging.waiting import Backoff, Stopped, happened_within, unless_stopped
from schemas.settings import KafkaSettings

POLL_MS = 500
MAX_RECORDS = 1_000
BACKOFF = Backoff(first_s=0.2, cap_s=3.0)

log = structlog.get_logger(__name__)


async def end_offsets(settings: KafkaSettings, topic: str, *, stop: asyncio.Event | None = None) -> dict[int, int]:
    """Give for each partition the offset that its next message will get; {} for a topic that does not exist.

    Waits for the broker with back-off; raises Stopped when `stop` is set meanwhile.
    """
    stop = stop or asyncio.Event()
    failures = 0
    while True:
        try:
            return await unless_stopped(_end_offsets(settings, topic), stop)
        except (KafkaError, OSError) as error:
            failures += 1
            await _wait(error, failures, stop)


async def replay(  # noqa: PLR0913 - each argument names a part of the stretch or a collaborator
    settings: KafkaSettings,
    topic: str,
    *,
    from_offsets: Mapping[int, int],
    handle: Handler,
    until: Mapping[int, int] | None = None,
    stop: asyncio.Event | None = None,
) -> dict[int, int]:
    """Hand the messages from `from_offsets` (a partition not named: its beginning) to `until` to `handle`.

    `until` are end offsets as `end_offsets` gives them and not included; None takes those of this moment.
    Commits nothing, joins no group. Returns per partition the offset to go on from: `until`, or
    `from_offsets` where that is further. Waits for the broker with back-off. RetryLater from `handle` is
    retried with back-off for as long as it takes, any other error of it is raised as it is; Stopped is raised
    when `stop` is set.
    """
    stop = stop or asyncio.Event()
    ends = dict(until) if until is not None else await end_offsets(settings, topic, stop=stop)
    reached = {partition: from_offsets.get(partition, 0) for partition in ends}
    failures = 0
    while _unread(reached, ends):
        try:
            await unless_stopped(_read_on(settings, topic, reached, ends, handle), stop)
        except (KafkaError, RetryLater, OSError) as error:
            failures += 1
            await _wait(error, failures, stop)
    return reached


async def _read_on(
    settings: KafkaSettings, topic: str, reached: dict[int, int], ends: Mapping[int, int], handle: Handler
) -> None:
    """Read until nothing is unread, raising `reached` after each batch that was handled."""
    name = topic_name(settings, topic)
    async with _opened(settings, topic) as consumer:
        for partition, offset in reached.items():
            consumer.seek(TopicPartition(name, partition), offset)
        while unread := [TopicPartition(name, partition) for partition in _unread(reached, ends)]:
            found = await consumer.getmany(*unread, timeout_ms=POLL_MS, max_records=MAX_RECORDS)
            records = [incoming(settings, record) for part in found.values() for record in part]
            batch = [message for message in records if message.offset < ends[message.partition]]
            if batch:
                await handle(batch)
            for place in unread:
                position = await consumer.position(place)  # beyond the last record where others were compacted away
                reached[place.partition] = min(position, ends[place.partition])


async def _end_offsets(settings: KafkaSettings, topic: str) -> dict[int, int]:
    async with _opened(settings) as consumer:
        if topic_name(settings, topic) not in await consumer.topics():
            return {}  # subscribing to it would wait long for it to appear
    async with _opened(settings, topic) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
    return {place.partition: offset for place, offset in ends.items()}


@asynccontextmanager
async def _opened(settings: KafkaSettings, topic: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer without a group that holds every partition of the topic."""
    consumer = open_consumer(settings, group_id=None)
    if topic is not None:
        consumer.subscribe([topic_name(settings, topic)])
    try:
        await consumer.start()
        yield consumer
    finally:
        await close_consumer(consumer)


def _unread(reached: Mapping[int, int], ends: Mapping[int, int]) -> Sequence[int]:
    return [partition for partition, end in ends.items() if reached[partition] < end]


async def _wait(error: Exception, failures: int, stop: asyncio.Event) -> None:
    log.warning("replay_waits", error=repr(error), failures=failures)
    if await happened_within(stop, BACKOFF.pause_s(failures)):
        raise Stopped
