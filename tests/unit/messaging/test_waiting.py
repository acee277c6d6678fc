"""Waiting that ends on request."""

import asyncio

import pytest

from messaging.waiting import Backoff, Stopped, happened_within, unless_stopped


def test_pauses_double_up_to_the_cap_and_vary_by_half() -> None:
    backoff = Backoff(first_s=1.0, cap_s=8.0)
    for failures, longest in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (10_000, 8.0)):
        for _ in range(20):
            assert longest / 2 <= backoff.pause_s(failures) <= longest


def test_a_named_pause_is_kept() -> None:
    assert Backoff(first_s=0.1, cap_s=1.0).pause_s(1, at_least_s=30.0) == 30.0


async def test_waiting_says_whether_it_happened() -> None:
    event = asyncio.Event()
    assert not await happened_within(event, 0.001)
    event.set()
    assert await happened_within(event, 60)


async def test_work_is_cancelled_when_asked_to_stop() -> None:
    stop, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(Stopped):
        await unless_stopped(work(), stop)
    assert cancelled.is_set()


async def test_work_may_finish_within_its_grace() -> None:
    stop = asyncio.Event()
    stop.set()

    async def work() -> int:
        await asyncio.sleep(0.01)
        return 7

    assert await unless_stopped(work(), stop, grace_s=30) == 7


async def test_the_error_of_the_work_is_raised_as_it_is() -> None:
    async def work() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        await unless_stopped(work(), asyncio.Event())
