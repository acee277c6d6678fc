"""Publishing to the real Kafka."""

import asyncio
import time

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber

from messaging.errors import PublishFailed
from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from messaging.replay import end_offsets
from schemas.settings import KafkaSettings
from tests.factories.kafka import read_all

pytestmark = pytest.mark.servers


def messages(count: int, keys: int = 5) -> list[OutgoingMessage]:
    return [
        OutgoingMessage("order.v1", f"key-{number % keys}".encode(), str(number).encode(), {"sequence": str(number)})
        for number in range(count)
    ]


async def test_what_is_published_is_there_in_order_per_key(kafka: KafkaSettings) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(messages(2_000))
        found = await read_all(kafka, "order.v1")
    assert len(found) == 2_000
    for key in {message.key for message in found}:
        numbers = [int(message.value or b"") for message in found if message.key == key]
        assert numbers == sorted(numbers)
        assert len({message.partition for message in found if message.key == key}) == 1
    assert found[0].headers == {"sequence": (found[0].value or b"").decode()}
    assert found[0].topic == "order.v1"


async def test_a_message_far_beyond_a_mebibyte_goes_through(kafka: KafkaSettings) -> None:
    large = b"x" * 3_000_000
    async with Publisher(kafka) as publisher:
        await publisher.publish([OutgoingMessage("product.v1", b"1", large)])
    assert [message.value for message in await read_all(kafka, "product.v1")] == [large]


async def test_an_absent_broker_fails_the_call_soon(unused_tcp_port: int) -> None:
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    started = time.monotonic()
    async with Publisher(settings) as publisher:
        for _ in range(3):
            with pytest.raises(PublishFailed):
                await publisher.publish(messages(1))
    assert time.monotonic() - started < 5


async def test_a_producer_that_failed_is_replaced(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(messages(1))
        first = publisher._producer
        assert first is not None

        async def fail(*_: object, **__: object) -> None:
            raise OutOfOrderSequenceNumber

        monkeypatch.setattr(first, "send", fail)
        with pytest.raises(PublishFailed, match="OutOfOrderSequence"):
            await publisher.publish(messages(10))
        await publisher.publish(messages(10))
        assert publisher._producer is not first
    assert len(await read_all(kafka, "order.v1")) == 11


async def test_a_call_that_takes_too_long_fails_and_leaves_nothing_behind(kafka: KafkaSettings) -> None:
    async with Publisher(kafka, timeout_s=0.5) as publisher:
        with pytest.raises(PublishFailed):
            await publisher.publish([OutgoingMessage("no-such-topic.v1", b"k", b"v")])
        await publisher.publish(messages(3))
    assert sum((await end_offsets(kafka, "order.v1")).values()) == 3


async def test_calls_of_several_tasks_take_turns(kafka: KafkaSettings) -> None:
    async with Publisher(kafka) as publisher:
        await asyncio.gather(*(publisher.publish(messages(50)) for _ in range(5)))
    assert len(await read_all(kafka, "order.v1")) == 250


async def test_a_broker_that_takes_connections_and_says_nothing_fails_the_call() -> None:
    connections: list[asyncio.StreamWriter] = []

    def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    async with await asyncio.start_server(keep, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
        async with Publisher(settings, timeout_s=0.3) as publisher:
            with pytest.raises(PublishFailed, match="TimeoutError"):
                await publisher.publish(messages(1))
        for writer in connections:
            writer.close()
    assert connections
