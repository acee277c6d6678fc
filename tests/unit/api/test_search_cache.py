"""What is kept, for how long, and what goes when there is no more room."""

import asyncio
from typing import NamedTuple

import pytest

from api.search_cache import LONGEST_KEY, SearchCache


class Text(NamedTuple):
    text: str
    size: int = 10


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> SearchCache[Text]:
    return SearchCache(10.0, most_bytes=30, clock=clock)


def test_a_page_is_found_in_its_version_until_its_time_is_up(cache: SearchCache[Text], clock: Clock) -> None:
    cache.keep("q=lamp", 1, Text("a"))
    clock.now = 9.9
    assert cache.find("q=lamp", 1) == Text("a")
    assert cache.find("q=other", 1) is None
    clock.now = 10.0
    assert cache.find("q=lamp", 1) is None


def test_a_page_of_another_version_is_gone_for_good(cache: SearchCache[Text]) -> None:
    cache.keep("q=lamp", 1, Text("a"))
    assert cache.find("q=lamp", 2) is None
    assert cache.find("q=lamp", 1) is None


def test_the_least_recently_used_pages_make_room(cache: SearchCache[Text]) -> None:
    for key in "abc":
        cache.keep(key, 1, Text(key))
    assert cache.find("a", 1)
    cache.keep("d", 1, Text("d"))
    assert [bool(cache.find(key, 1)) for key in "abcd"] == [True, False, True, True]
    cache.keep("e", 1, Text("e", size=25))
    assert [bool(cache.find(key, 1)) for key in "acde"] == [False, False, False, True]


def test_what_is_too_large_or_asked_for_too_wordily_is_not_kept(cache: SearchCache[Text]) -> None:
    cache.keep("a", 1, Text("a"))
    cache.keep("b", 1, Text("b", size=31))
    cache.keep("x" * (LONGEST_KEY + 1), 1, Text("x"))
    assert cache.find("a", 1)
    assert cache.find("b", 1) is cache.find("x" * (LONGEST_KEY + 1), 1) is None


def test_a_newer_rendering_takes_the_place_and_its_time_goes_on(cache: SearchCache[Text], clock: Clock) -> None:
    cache.keep("a", 1, Text("old"))
    clock.now = 6.0
    cache.replace("a", Text("new", size=20))
    assert cache.find("a", 1) == Text("new", size=20)
    clock.now = 10.0
    assert cache.find("a", 1) is None
    cache.replace("a", Text("late"))
    assert cache.find("a", 1) is None


def test_zero_seconds_keep_nothing(clock: Clock) -> None:
    cache: SearchCache[Text] = SearchCache(0, clock=clock)
    cache.keep("a", 1, Text("a"))
    assert cache.find("a", 1) is None


async def test_those_who_want_one_page_at_one_moment_share_the_work(cache: SearchCache[Text]) -> None:
    made: list[str] = []
    may_end = asyncio.Event()

    async def make() -> Text:
        made.append("once")
        await may_end.wait()
        return Text("a")

    first, second, other = cache.once("a", make), cache.once("a", make), cache.once("b", make)
    await asyncio.sleep(0)
    may_end.set()
    assert await first is await second
    assert (await other, made) == (Text("a"), ["once", "once"])
    await cache.once("a", make)
    assert len(made) == 3


async def test_a_failure_reaches_those_who_wait_and_is_not_remembered(cache: SearchCache[Text]) -> None:
    async def fail() -> Text:
        raise OSError("away")

    async def make() -> Text:
        return Text("a")

    with pytest.raises(OSError, match="away"):
        await cache.once("a", fail)
    assert await cache.once("a", make) == Text("a")


async def test_what_is_running_ends_with_the_cache(cache: SearchCache[Text]) -> None:
    async def wait() -> Text:
        await asyncio.Event().wait()
        return Text("never")

    running = cache.once("a", wait)
    await asyncio.sleep(0)
    await cache.close()
    assert running.cancelled()
