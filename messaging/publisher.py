"""The one producer: publishes and returns once all is acknowledged; used by the relay and dead letters.

aiokafka's idempotent producer never gives a record up, and after a fatal error (OutOfOrderSequenceNumber,
UnknownProducerId, ProducerFenced) every later record fails too. So a call has a bound of its own here, and a
producer that failed in any way is thrown away: the next call makes a new one and the caller repeats the whole
call. That can write a message twice, never lose one, and the first occurrences of a key's messages stay in
order.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from messaging.errors import PublishFailed
from messaging.messages import OutgoingMessage
from messaging.topics import MAX_MESSAGE_BYTES, topic_name
from messaging.waiting import cancelled
from schemas.settings import KafkaSettings

PUBLISH_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0
REQUEST_TIMEOUT_MS = 5_000
BATCH_BYTES = 512 * 1024  # of one partition in one request; brokers take 1 MiB by default

log = structlog.get_logger(__name__)


class Publisher:
    """An async context manager around one idempotent producer that is made anew after it failed."""

    def __init__(self, settings: KafkaSettings, *, timeout_s: float = PUBLISH_TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._producer: AIOKafkaProducer | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect to nothing yet: the first `publish` does, so an absent broker does not hinder a start."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections within a few seconds, even while the broker is away."""
        await self._discard()

    async def publish(self, messages: Sequence[OutgoingMessage]) -> None:
        """Send all, in order per key, and return once every one is acknowledged by all in-sync replicas.

        Calls of several tasks take turns. Blocks at most `timeout_s` (10 s) plus the time to close a failed
        producer. Raises PublishFailed when the broker is away, slow or refuses: repeat the same call after a
        pause.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._send(messages)
            except (KafkaError, OSError) as error:  # TimeoutError is an OSError
                await self._discard()
                raise PublishFailed(f"{type(error).__name__}: {error}") from error
            except BaseException:
                await self._discard()
                raise

    async def _send(self, messages: Sequence[OutgoingMessage]) -> None:
        producer = self._producer or await self._start()
        acknowledged: list[asyncio.Future[Any]] = []
        try:
            for message in messages:
                headers = [(name, value.encode()) for name, value in message.headers.items()]
                topic = topic_name(self._settings, message.topic)
                acknowledged.append(await producer.send(topic, message.value, key=message.key, headers=headers))
            await asyncio.gather(*acknowledged)
        finally:
            _forget(acknowledged)

    async def _start(self) -> AIOKafkaProducer:
        self._producer = producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap_servers,
            client_id="aisle",
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_MESSAGE_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        await producer.start()
        return producer

    async def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        stopping = asyncio.ensure_future(producer.stop())
        await asyncio.wait((stopping,), timeout=CLOSE_TIMEOUT_S)
        if not stopping.done():
            log.warning("producer_abandoned")
            await _stop_by_force(producer)
        await cancelled(stopping)


async def _stop_by_force(producer: AIOKafkaProducer) -> None:
    """Drop what the producer still holds: its `stop` waits for a broker that may not come back."""
    producer._message_accumulator.fail_all(KafkaError("abandoned"))  # noqa: SLF001 - there is no public way
    closing = asyncio.ensure_future(producer._sender.close())  # noqa: SLF001 - likewise
    await asyncio.wait((closing,), timeout=CLOSE_TIMEOUT_S)
    await cancelled(closing)
    await producer.client.close()


def _forget(futures: Sequence["asyncio.Future[Any]"]) -> None:
    """Look at every outcome once, or asyncio reports the failures of one dead producer a thousand times."""
    for future in futures:
        if not future.cancel() and not future.cancelled():
            future.exception()
