"""The script on the real server goes by the same table as the pure algorithm."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from api.rate_limits.gcra import Limit
from api.rate_limits.redis_limiter import RedisLimiter, open_redis
from tests.factories.limit_cases import CASES, START_US, Case

pytestmark = pytest.mark.servers

LASTING = [case for case in CASES if case.asks[-1].reset_us >= 1_000_000]
"""Where an allowance is whole within milliseconds, the key may be gone by the server's clock between two asks."""


@pytest.fixture
async def limiter(environment: Mapping[str, str]) -> AsyncIterator[RedisLimiter]:
    redis = open_redis(environment["REDIS_URL"])
    yield RedisLimiter(redis)
    await redis.aclose()


@pytest.mark.parametrize("case", LASTING, ids=lambda case: case.name)
async def test_each_case_goes_as_written(limiter: RedisLimiter, case: Case) -> None:
    key = f"test:{uuid.uuid4()}"
    for ask in case.asks:
        [verdict] = await limiter.take([(key, case.limit)], START_US + ask.at)
        got = (verdict.allowed, verdict.remaining, verdict.retry_after_us, verdict.reset_us)
        assert got == (ask.allowed, ask.remaining, ask.retry_after_us, ask.reset_us), ask


async def test_a_request_takes_from_every_limit_or_from_none(limiter: RedisLimiter) -> None:
    wide, narrow = f"{{t}}:{uuid.uuid4()}", f"{{t}}:{uuid.uuid4()}"
    both = [(wide, Limit(2, 60)), (narrow, Limit(1, 60))]
    assert [each.allowed for each in await limiter.take(both)] == [True, True]
    assert [each.allowed for each in await limiter.take(both)] == [True, False]
    assert (await limiter.take([(wide, Limit(2, 60))]))[0].remaining == 0


async def test_a_key_goes_away_when_its_allowance_is_whole(limiter: RedisLimiter) -> None:
    key = f"test:{uuid.uuid4()}"
    await limiter.take([(key, Limit(60, 60))])
    left_ms = await limiter._redis.pttl(key)
    assert 0 < left_ms <= 1_002


async def test_a_server_that_forgot_the_script_is_told_again(limiter: RedisLimiter) -> None:
    await limiter.take([(f"test:{uuid.uuid4()}", Limit(1, 1))])
    await limiter._redis.script_flush()
    [verdict] = await limiter.take([(f"test:{uuid.uuid4()}", Limit(1, 1))])
    assert verdict.allowed


async def test_a_burst_is_counted_one_by_one_whatever_travels_together(limiter: RedisLimiter) -> None:
    keyed = [(f"test:{uuid.uuid4()}", Limit(100, 60))]
    verdicts = await asyncio.gather(*(limiter.take(keyed) for _ in range(300)))
    assert sum(each.allowed for [each] in verdicts) in {100, 101}  # one may grow back meanwhile


async def test_a_failure_reaches_everybody_who_waits() -> None:
    redis = open_redis("redis://127.0.0.1:1/0")
    limiter = RedisLimiter(redis)
    failures = await asyncio.gather(*(limiter.take([("key", Limit(1, 1))]) for _ in range(5)), return_exceptions=True)
    assert {isinstance(each, RedisConnectionError) for each in failures} == {True}
    await redis.aclose()


async def test_who_goes_away_while_waiting_leaves_the_others_served(limiter: RedisLimiter) -> None:
    keyed = [(f"test:{uuid.uuid4()}", Limit(5, 60))]
    gone, kept = (asyncio.create_task(limiter.take(keyed)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    [verdict] = await kept
    assert verdict.allowed
