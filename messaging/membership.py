"""One life of one group member: joins, reads, has batches handled, commits, leaves; made by `consumer`.

The group may take partitions away at any time. What is running then is finished first if it takes less than
REVOKE_WAIT_S, and dropped without a commit otherwise: whoever owns the partitions next reads it again. Nothing that was
read in one round (the time between two revocations) is handled or committed in another, and everything read in a
round is either handled in it or lies behind no commit: aiokafka returns no record while a rebalance is going on,
and begins each round at what was committed.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from messaging.batch_handling import BatchHandling, Handler, Patience, PutAside
from messaging.messages import IncomingMessage
from messaging.topics import topic_name
from messaging.waiting import Stopped, cancelled, unless_stopped
from schemas.settings import KafkaSettings

SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_MS = 2_000
REBALANCE_TIMEOUT_MS = 30_000
REVOKE_WAIT_S = 20.0
MAX_POLL_INTERVAL_MS = 300_000
METADATA_MAX_AGE_MS = 30_000
REQUEST_TIMEOUT_MS = 10_000
RETRY_PAUSE_MS = 100
DRAIN_S = 6.0
COMMIT_GRACE_S = 1.5
CLOSE_TIMEOUT_S = 2.0
NOWHERE = TopicPartition("nowhere", 0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConsumerOptions:
    """Bounds of a batch and of patience; a batch ends at `max_records` or at `max_bytes` of values.

    With `linger_s` above zero a batch that is not full waits that long for more; zero hands over what is
    there.
    """

    max_records: int = 500
    max_bytes: int = 4_000_000
    linger_s: float = 0.0
    poll_s: float = 1.0
    patience: Patience = field(default_factory=Patience)


class Membership(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no type information
    """Use `run` once; a fault of Kafka ends it and the next membership is made by the caller."""

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        topics: Sequence[str],
        options: ConsumerOptions,
        stop: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._options = options
        self._stop = stop
        self._busy = asyncio.Lock()
        self._over = asyncio.Event()  # of this round; each has its own, so that an old batch cannot mistake it
        self._consumer = open_consumer(settings, group_id=topic_name(settings, group))
        self._consumer.subscribe([topic_name(settings, topic) for topic in topics], listener=self)

    async def run(self, handle: Handler, put_aside: PutAside) -> None:
        """Go on until `stop` is set; then finish the running batch within DRAIN_S, commit it and leave.

        Raises KafkaError and OSError when Kafka fails in a way this member does not get over, HandlerBroken.
        """
        handling = BatchHandling(handle, put_aside, self._options.patience, self._stay_member)
        forwarding = asyncio.ensure_future(self._forward_stop())
        try:
            await unless_stopped(self._consumer.start(), self._stop)
            while not self._stop.is_set():
                records, over = await unless_stopped(self._read(), self._stop)
                for batch in batches(records, self._options.max_bytes):
                    await self._finish(handling, batch, over)
        except Stopped:
            pass
        finally:
            await cancelled(forwarding)
            await close_consumer(self._consumer)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's signature
        """End the round: let the running batch finish, or drop it at its next pause.

        aiokafka calls this before it rejoins, at a time when it returns no records.
        """
        self._over.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(REVOKE_WAIT_S), self._busy:
                pass
        self._over = asyncio.Event()
        if self._stop.is_set():
            self._over.set()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Tell the log; aiokafka calls this after each rebalance, when records may already be on their way."""
        log.info("partitions_assigned", partitions=sorted(f"{each.topic}-{each.partition}" for each in assigned))

    async def _forward_stop(self) -> None:
        await self._stop.wait()
        self._over.set()

    async def _read(self) -> tuple[list[IncomingMessage], asyncio.Event]:
        """Give what was read and the round it was read in, without a pause between the two."""
        options = self._options
        found = await self._poll(options.poll_s, options.max_records)
        over = self._over
        if found and options.linger_s and len(found) < options.max_records:
            more = await self._poll(options.linger_s, options.max_records - len(found))
            found = found + more if over is self._over else more
        return found, self._over

    async def _poll(self, seconds: float, max_records: int) -> list[IncomingMessage]:
        found = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=max_records)
        return [incoming(self._settings, record) for records in found.values() for record in records]

    async def _finish(self, handling: BatchHandling, batch: Sequence[IncomingMessage], over: asyncio.Event) -> None:
        """Handle and commit one batch, unless its round is over."""
        async with self._busy:
            if over is not self._over:
                return
            with suppress(Stopped):
                await unless_stopped(handling.run(batch, over), self._stop, grace_s=DRAIN_S)
                await self._commit(batch, over)

    async def _commit(self, batch: Sequence[IncomingMessage], over: asyncio.Event) -> None:
        if over is not self._over:
            log.warning("commit_skipped", reason="the partitions have gone to another member", messages=len(batch))
            return
        offsets = {
            TopicPartition(topic_name(self._settings, each.topic), each.partition): each.offset + 1 for each in batch
        }
        try:
            await unless_stopped(self._consumer.commit(offsets), self._stop, grace_s=COMMIT_GRACE_S)
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("commit_refused", error=type(error).__name__, messages=len(batch))

    async def _stay_member(self) -> None:
        """Count as polling, without reading anything: a receiver's outage must not cost the membership.

        aiokafka leaves the group when nobody asked for records for MAX_POLL_INTERVAL_MS.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):  # it waits while a rebalance is going on
                await self._consumer.getmany(NOWHERE, timeout_ms=0)


def open_consumer(settings: KafkaSettings, group_id: str | None) -> AIOKafkaConsumer:
    """Make a consumer that commits nothing by itself and starts at the beginning without a commit."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        client_id="aisle",
        group_id=group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=RETRY_PAUSE_MS,
    )


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and close; by force after CLOSE_TIMEOUT_S, because the goodbye waits for a broker."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait((stopping,), timeout=CLOSE_TIMEOUT_S)
    if not stopping.done():
        log.warning("consumer_abandoned")
        await cancelled(stopping)
        await consumer._client.close()  # noqa: SLF001 - there is no public way that does not wait


def incoming(settings: KafkaSettings, record: "ConsumerRecord[Any, Any]") -> IncomingMessage:
    """Turn aiokafka's record into ours."""
    return IncomingMessage(
        topic=record.topic.removeprefix(settings.topic_prefix),
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers={name: (value or b"").decode(errors="replace") for name, value in record.headers},
        timestamp_ms=record.timestamp,
    )


def batches(messages: Sequence[IncomingMessage], max_bytes: int) -> Iterator[list[IncomingMessage]]:
    """Cut what was read into batches of at most `max_bytes` of values, each of at least one message."""
    batch: list[IncomingMessage] = []
    size = 0
    for message in messages:
        length = len(message.value or b"")
        if batch and size + length > max_bytes:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch
