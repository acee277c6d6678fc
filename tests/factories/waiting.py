"""Waiting for something to become true, with a bound; instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")


async def until(look: Callable[[], Seen], within_s: float = 20.0, every_s: float = 0.02) -> Seen:
    """Look again and again until what is seen is truthy, and give it; fails after `within_s` seconds."""

    async def look_at_once() -> Seen:
        return look()

    return await until_answered(look_at_once, within_s, every_s)


async def until_answered(ask: Callable[[], Awaitable[Seen]], within_s: float = 20.0, every_s: float = 0.02) -> Seen:
    """Do the same with a question whose answer has to be waited for."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        seen = await ask()
        if seen:
            return seen
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"still {seen!r} after {within_s} s")
        await asyncio.sleep(every_s)
