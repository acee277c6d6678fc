import asyncio

import pytest

from search_indexer.index.in_flight import InFlight


async def test_no_more_than_the_most_run_at_once_and_all_have_ended_at_the_end() -> None:
    running = most = done = 0

    async def work() -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done += 1

    async with InFlight(3) as flight:
        for _ in range(20):
            await flight.start(work())
    assert (most, done) == (3, 20)


async def test_the_first_failure_is_raised_as_it_is_and_ends_the_others() -> None:
    ended: list[str] = []

    async def fail() -> None:
        raise LookupError("first")

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("other")

    async def start_all() -> None:
        async with InFlight(2) as flight:
            await flight.start(wait_for_ever())
            await flight.start(fail())
            await flight.start(wait_for_ever())

    with pytest.raises(LookupError, match="first"):
        await start_all()
    assert ended == ["other"]


async def test_a_failure_of_the_last_piece_is_raised_at_the_end() -> None:
    async def fail() -> None:
        raise LookupError

    async def start_one() -> None:
        async with InFlight(2) as flight:
            await flight.start(fail())

    with pytest.raises(LookupError):
        await start_one()


async def test_leaving_by_an_error_waits_for_nothing() -> None:
    async def start_and_fail() -> None:
        async with InFlight(2) as flight:
            await flight.start(asyncio.Event().wait())
            raise KeyError

    with pytest.raises(KeyError):
        await asyncio.wait_for(start_and_fail(), 10)
