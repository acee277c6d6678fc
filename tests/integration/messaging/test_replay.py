"""Reading stretches of topics."""

import asyncio
from collections.abc import Sequence

import pytest

from messaging.errors import RetryLater
from messaging.messages import IncomingMessage, OutgoingMessage
from messaging.publisher import Publisher
from messaging.replay import end_offsets, replay
from messaging.waiting import Stopped
from schemas.settings import KafkaSettings

pytestmark = pytest.mark.servers


async def publish(kafka: KafkaSettings, first: int, count: int) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(
            [OutgoingMessage("product.v1", str(n).encode(), str(n).encode()) for n in range(first, first + count)]
        )


async def test_an_absent_topic_has_no_ends(kafka: KafkaSettings) -> None:
    assert await end_offsets(kafka, "no-such-topic.v1") == {}


async def test_only_the_stretch_is_handed_over(kafka: KafkaSettings) -> None:
    await publish(kafka, 0, 100)
    begin = await end_offsets(kafka, "product.v1")
    await publish(kafka, 100, 100)
    end = await end_offsets(kafka, "product.v1")
    await publish(kafka, 200, 100)
    seen: list[int] = []

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        seen.extend(int(message.value or b"") for message in messages)

    assert await replay(kafka, "product.v1", from_offsets=begin, until=end, handle=handle) == end
    assert sorted(seen) == list(range(100, 200))
    reached = await replay(kafka, "product.v1", from_offsets=end, handle=handle)
    assert sorted(seen) == list(range(100, 300))
    assert await replay(kafka, "product.v1", from_offsets=reached, handle=handle) == reached
    assert len(seen) == 200


async def test_retry_later_is_retried(kafka: KafkaSettings) -> None:
    await publish(kafka, 0, 10)
    seen: set[int] = set()
    tries = 0

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise RetryLater("not yet")
        seen.update(int(message.value or b"") for message in messages)

    await replay(kafka, "product.v1", from_offsets={}, handle=handle)
    assert seen == set(range(10))


async def test_another_error_of_the_handler_ends_it(kafka: KafkaSettings) -> None:
    await publish(kafka, 0, 1)

    async def handle(_: Sequence[IncomingMessage]) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await replay(kafka, "product.v1", from_offsets={}, handle=handle)


async def test_it_ends_when_asked_to_stop(kafka: KafkaSettings) -> None:
    await publish(kafka, 0, 1)
    stop = asyncio.Event()

    async def handle(_: Sequence[IncomingMessage]) -> None:
        stop.set()
        raise RetryLater("never")

    with pytest.raises(Stopped):
        await replay(kafka, "product.v1", from_offsets={}, handle=handle, stop=stop)
