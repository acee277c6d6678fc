"""What becomes of batches whose handler fails, without Kafka."""

import asyncio
from collections.abc import Sequence

import pytest

from messaging.batch_handling import BatchHandling, Handler, Patience
from messaging.errors import HandlerBroken, Poison, PublishFailed, RetryLater
from messaging.messages import IncomingMessage
from messaging.waiting import Backoff, Stopped
from tests.factories.events import plain_message

AT_ONCE = Patience(backoff=Backoff(first_s=0.0001, cap_s=0.001))


class Recorder:
    """Keeps what was put aside; the first `failures` attempts to publish a dead letter fail."""

    def __init__(self, failures: int = 0) -> None:
        self.put_aside: list[tuple[int, str]] = []
        self.pauses = 0
        self._failures = failures

    async def publish(self, message: IncomingMessage, reason: str) -> None:
        if self._failures:
            self._failures -= 1
            raise PublishFailed("broker away")
        self.put_aside.append((message.offset, reason))

    async def pause(self) -> None:
        self.pauses += 1


async def run(handle: Handler, count: int, recorder: Recorder, drop: asyncio.Event | None = None) -> None:
    handling = BatchHandling(handle, recorder.publish, AT_ONCE, recorder.pause)
    await handling.run([plain_message(offset) for offset in range(count)], drop or asyncio.Event())


async def test_retry_later_hands_over_the_same_batch_until_it_works() -> None:
    seen: list[list[int]] = []

    async def handle(batch: Sequence[IncomingMessage]) -> None:
        seen.append([message.offset for message in batch])
        if len(seen) < 20:
            raise RetryLater("receiver is away")

    recorder = Recorder()
    await run(handle, 3, recorder)
    assert seen == [[0, 1, 2]] * 20
    assert recorder.put_aside == []
    assert recorder.pauses == 19  # the membership is kept alive before every pause


async def test_retry_later_ends_when_the_partitions_are_taken_away() -> None:
    drop = asyncio.Event()

    async def handle(_: Sequence[IncomingMessage]) -> None:
        drop.set()
        raise RetryLater("receiver is away", after_s=60)

    with pytest.raises(Stopped):
        await run(handle, 1, Recorder(), drop)


async def test_poison_is_put_aside_after_three_tries_and_the_rest_goes_on() -> None:
    done: list[int] = []
    tries = 0

    async def handle(batch: Sequence[IncomingMessage]) -> None:
        nonlocal tries
        faults = [(message, f"bad {message.offset}") for message in batch if message.offset in {1, 3}]
        if faults:
            tries += 1
            raise Poison.several(faults)
        done.extend(message.offset for message in batch)

    recorder = Recorder()
    await run(handle, 5, recorder)
    assert tries == 3
    assert recorder.put_aside == [(1, "bad 1"), (3, "bad 3")]
    assert done == [0, 2, 4]


async def test_poison_that_works_at_the_second_try_is_not_put_aside() -> None:
    tries = 0

    async def handle(batch: Sequence[IncomingMessage]) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Poison(batch[0], "flaky")

    recorder = Recorder()
    await run(handle, 2, recorder)
    assert recorder.put_aside == []


async def test_poison_from_outside_the_batch_stops_the_process() -> None:
    async def handle(_: Sequence[IncomingMessage]) -> None:
        raise Poison(plain_message(99), "not mine")

    with pytest.raises(HandlerBroken):
        await run(handle, 2, Recorder())


async def test_a_dead_letter_waits_for_the_broker() -> None:
    async def handle(batch: Sequence[IncomingMessage]) -> None:
        raise Poison(batch[0], "bad")

    recorder = Recorder(failures=3)
    await run(handle, 1, recorder)
    assert recorder.put_aside == [(0, "bad")]


async def test_an_unforeseen_error_puts_only_the_message_aside_that_causes_it() -> None:
    done: set[int] = set()

    async def handle(batch: Sequence[IncomingMessage]) -> None:
        if any(message.offset == 13 for message in batch):
            raise ZeroDivisionError("thirteen")
        done.update(message.offset for message in batch)

    recorder = Recorder()
    await run(handle, 40, recorder)
    assert recorder.put_aside == [(13, "ZeroDivisionError: thirteen")]
    assert done == set(range(40)) - {13}


async def test_an_unforeseen_error_that_passes_costs_nothing() -> None:
    tries = 0

    async def handle(_: Sequence[IncomingMessage]) -> None:
        nonlocal tries
        tries += 1
        if tries < AT_ONCE.unforeseen_tries:
            raise ConnectionError("passing")

    recorder = Recorder()
    await run(handle, 10, recorder)
    assert recorder.put_aside == []


async def test_a_handler_that_fails_on_everything_stops_the_process() -> None:
    async def handle(_: Sequence[IncomingMessage]) -> None:
        raise AttributeError("a bug")

    recorder = Recorder()
    with pytest.raises(HandlerBroken) as broken:
        await run(handle, 100, recorder)
    assert isinstance(broken.value.__cause__, AttributeError)
    assert len(recorder.put_aside) == AT_ONCE.failures_in_a_row - 1
