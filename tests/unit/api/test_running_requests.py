"""Counting what is being answered."""

import asyncio

from api.running_requests import RunningRequests


async def test_waiting_ends_with_the_last_request() -> None:
    running = RunningRequests()
    running.begin()
    running.begin()
    waiting = asyncio.create_task(running.wait_until_none())
    running.end()
    await asyncio.sleep(0)
    assert not waiting.done()
    assert running.is_stopping
    running.end()
    await asyncio.wait_for(waiting, 1)


async def test_nothing_to_wait_for_is_over_at_once() -> None:
    await asyncio.wait_for(RunningRequests().wait_until_none(), 1)
