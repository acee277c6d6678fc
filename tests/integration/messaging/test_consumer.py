"""The consumer runtime on the real Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from messaging.batch_handling import Handler, Patience
from messaging.consumer import ConsumerOptions, run_consumer
from messaging.errors import HandlerBroken, Poison, RetryLater
from messaging.messages import IncomingMessage, OutgoingMessage
from messaging.publisher import Publisher
from messaging.waiting import Backoff
from schemas.settings import KafkaSettings
from tests.factories.kafka import read_all
from tests.factories.waiting import until

pytestmark = pytest.mark.servers

QUICK = ConsumerOptions(max_records=50, patience=Patience(backoff=Backoff(first_s=0.005, cap_s=0.02)))


class Collector:
    """A handler that keeps what it got."""

    def __init__(self) -> None:
        self.values: list[int] = []

    async def __call__(self, messages: Sequence[IncomingMessage]) -> None:
        self.values.extend(int(message.value or b"") for message in messages)


@asynccontextmanager
async def consuming(kafka: KafkaSettings, handle: Handler, group: str = "group") -> AsyncIterator[asyncio.Event]:
    """Run a consumer beside the test; leaving stops it and waits for its end."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(
        run_consumer(kafka, group=group, topics=["order.v1"], handle=handle, stop=stop, options=QUICK)
    )
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(running, 12)


async def publish(kafka: KafkaSettings, numbers: range) -> None:
    async with Publisher(kafka) as publisher:
        await publisher.publish(
            [OutgoingMessage("order.v1", str(n % 10).encode(), str(n).encode(), {"n": str(n)}) for n in numbers]
        )


async def test_messages_from_before_the_first_start_are_handled_once(kafka: KafkaSettings) -> None:
    await publish(kafka, range(300))
    first = Collector()
    async with consuming(kafka, first):
        await until(lambda: len(first.values) >= 300)
    assert sorted(first.values) == list(range(300))
    await publish(kafka, range(300, 310))
    second = Collector()
    async with consuming(kafka, second):
        await until(lambda: len(second.values) >= 10)
    assert sorted(second.values) == list(range(300, 310))  # the offsets were committed


async def test_what_was_not_handled_is_not_committed(kafka: KafkaSettings) -> None:
    await publish(kafka, range(20))
    tried = asyncio.Event()

    async def away(_: Sequence[IncomingMessage]) -> None:
        tried.set()
        raise RetryLater("receiver is away")

    async with consuming(kafka, away):
        await asyncio.wait_for(tried.wait(), 20)
    collector = Collector()
    async with consuming(kafka, collector):
        await until(lambda: len(collector.values) >= 20)
    assert sorted(collector.values) == list(range(20))


async def test_retry_later_is_retried_in_place_and_in_order(kafka: KafkaSettings) -> None:
    await publish(kafka, range(30))
    collector = Collector()
    tries = 0

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        nonlocal tries
        tries += 1
        if tries % 3:
            raise RetryLater("receiver is away")
        await collector(messages)

    async with consuming(kafka, handle):
        await until(lambda: len(collector.values) >= 30)
    for key in range(10):
        assert [n for n in collector.values if n % 10 == key] == [key, key + 10, key + 20]


async def test_poison_goes_to_the_dead_letters_and_the_traffic_goes_on(kafka: KafkaSettings) -> None:
    await publish(kafka, range(60))
    collector = Collector()

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        for message in messages:
            if message.value == b"17":
                raise Poison(message, "seventeen")
        await collector(messages)

    async with consuming(kafka, handle):
        await until(lambda: len(collector.values) >= 59)
    assert sorted(collector.values) == [n for n in range(60) if n != 17]
    (letter,) = await read_all(kafka, "dead-letter.v1")
    original = next(message for message in await read_all(kafka, "order.v1") if message.value == b"17")
    assert (letter.key, letter.value) == (b"7", b"17")
    assert letter.headers == {
        "n": "17",
        "dead_letter_reason": "seventeen",
        "dead_letter_group": "group",
        "dead_letter_topic": "order.v1",
        "dead_letter_partition": str(original.partition),
        "dead_letter_offset": str(original.offset),
    }


async def test_a_broken_handler_stops_the_consumer_with_nothing_committed(kafka: KafkaSettings) -> None:
    await publish(kafka, range(40))

    async def broken(_: Sequence[IncomingMessage]) -> None:
        raise AttributeError("a bug")

    never = asyncio.Event()
    with pytest.raises(HandlerBroken):
        await asyncio.wait_for(
            run_consumer(kafka, group="group", topics=["order.v1"], handle=broken, stop=never, options=QUICK), 20
        )
    collector = Collector()
    async with consuming(kafka, collector):
        await until(lambda: len(set(collector.values)) == 40)


async def test_stopping_lets_the_running_batch_finish_and_commits_it(kafka: KafkaSettings) -> None:
    await publish(kafka, range(1))
    begun, finish, collector = asyncio.Event(), asyncio.Event(), Collector()

    async def slow(messages: Sequence[IncomingMessage]) -> None:
        begun.set()
        await finish.wait()
        await collector(messages)

    async with consuming(kafka, slow) as stop:
        await asyncio.wait_for(begun.wait(), 20)
        stop.set()
        asyncio.get_running_loop().call_later(0.3, finish.set)
    assert collector.values == [0]
    await publish(kafka, range(1, 2))
    async with consuming(kafka, collector):
        await until(lambda: len(collector.values) >= 2)
    assert collector.values == [0, 1]


async def test_a_second_member_takes_its_share_and_nothing_is_lost(kafka: KafkaSettings) -> None:
    first, second = Collector(), Collector()
    async with consuming(kafka, first):
        await publish(kafka, range(100))
        await until(lambda: len(first.values) >= 100)
        async with consuming(kafka, second):
            start = 100
            while not second.values:
                await publish(kafka, range(start, start + 20))
                start += 20
                await until(lambda: set(first.values) | set(second.values) >= set(range(start)))  # noqa: B023 - runs now
        await publish(kafka, range(start, start + 50))
        await until(lambda: set(first.values) | set(second.values) >= set(range(start + 50)))


async def test_a_member_that_waits_for_its_receiver_gives_partitions_up(kafka: KafkaSettings) -> None:
    await publish(kafka, range(20))
    waiting, healthy = asyncio.Event(), Collector()

    async def away(_: Sequence[IncomingMessage]) -> None:
        waiting.set()
        raise RetryLater("receiver is away")

    async with consuming(kafka, away):
        await asyncio.wait_for(waiting.wait(), 20)
        async with consuming(kafka, healthy):
            await until(lambda: healthy.values, within_s=30)
    collector = Collector()
    async with consuming(kafka, collector):
        await until(lambda: set(healthy.values) | set(collector.values) == set(range(20)))


async def test_a_consumer_without_a_broker_stops_at_once(unused_tcp_port: int) -> None:
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    stop = asyncio.Event()
    running = asyncio.ensure_future(
        run_consumer(settings, group="g", topics=["order.v1"], handle=Collector(), stop=stop)
    )
    await asyncio.wait((running,), timeout=0.5)
    assert not running.done()
    started = time.monotonic()
    stop.set()
    await asyncio.wait_for(running, 10)
    assert time.monotonic() - started < 3


async def test_a_batch_that_outlives_its_round_is_left_to_the_next_owner(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.membership.REVOKE_WAIT_S", 0.1)
    await publish(kafka, range(30))
    begun, finish, healthy = asyncio.Event(), asyncio.Event(), Collector()

    async def slow(_: Sequence[IncomingMessage]) -> None:
        begun.set()
        await finish.wait()

    with capture_logs() as logged:
        async with consuming(kafka, slow):
            await asyncio.wait_for(begun.wait(), 20)
            async with consuming(kafka, healthy):
                await until(lambda: healthy.values, within_s=30)
                finish.set()
                await until(lambda: [entry for entry in logged if entry["event"] == "commit_skipped"])
    assert set(healthy.values) <= set(range(30))


async def test_a_batch_may_wait_a_moment_for_more(kafka: KafkaSettings) -> None:
    await publish(kafka, range(40))
    collector, stop = Collector(), asyncio.Event()
    options = ConsumerOptions(max_records=50, linger_s=0.05)
    running = asyncio.ensure_future(
        run_consumer(kafka, group="g", topics=["order.v1"], handle=collector, stop=stop, options=options)
    )
    await until(lambda: len(collector.values) >= 40)
    stop.set()
    await asyncio.wait_for(running, 12)
    assert sorted(collector.values) == list(range(40))
