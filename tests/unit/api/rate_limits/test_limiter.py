"""Which limiter counts, and what is said when that changes."""

from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from structlog.testing import capture_logs

from api.rate_limits.breaker import SLOW_CALLS, Breaker
from api.rate_limits.gcra import Limit, Verdict, decide
from api.rate_limits.limiter import Limiter
from api.rate_limits.local_limiter import LocalLimiter
from api.rate_limits.redis_limiter import RedisLimiter

NOW_US = 10**12


class Shared(RedisLimiter):
    """A store that fails when told to, and otherwise lets everybody in once."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.asked = 0

    async def take(self, limits: Sequence[tuple[str, Limit]], now_us: int | None = None) -> list[Verdict]:
        self.asked += 1
        if self.failure:
            raise self.failure
        return [decide(limit, None, now_us or NOW_US) for _, limit in limits]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    def __init__(self) -> None:
        self.shared, self.clock, self.fallbacks = Shared(), Clock(), 0
        local = LocalLimiter(lambda: NOW_US)
        self.limiter = Limiter({"one": Limit(1, 60)}, self.shared, local, Breaker(self.clock), self._count)

    def _count(self) -> None:
        self.fallbacks += 1

    async def ask(self, client: str = "ip:1") -> bool:
        [verdict] = await self.limiter.take(client, ["one"])
        return verdict.allowed


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_redis_counts_while_it_answers(bench: Bench) -> None:
    assert await bench.ask()
    assert (bench.shared.asked, bench.fallbacks, bench.limiter.is_degraded) == (1, 0, False)


async def test_a_dead_redis_is_asked_once_a_pause_and_the_change_is_said_once(bench: Bench) -> None:
    bench.shared.failure = RedisConnectionError("refused")
    with capture_logs() as logs:
        assert [await bench.ask(str(n)) for n in range(5)] == [True] * 5
    assert [line["log_level"] for line in logs] == ["warning"]
    assert (bench.shared.asked, bench.fallbacks, bench.limiter.is_degraded) == (1, 5, True)


async def test_it_recovers_by_itself(bench: Bench) -> None:
    bench.shared.failure = RedisConnectionError("refused")
    await bench.ask()
    bench.shared.failure, bench.clock.now = None, 2.0
    with capture_logs() as logs:
        await bench.ask()
    assert [line["event"] for line in logs] == ["rate limits are counted in Redis again"]
    assert not bench.limiter.is_degraded


async def test_losing_redis_gives_nobody_a_fresh_allowance(bench: Bench) -> None:
    assert await bench.ask()
    bench.shared.failure = RedisConnectionError("refused")
    assert not await bench.ask()


async def test_one_slow_answer_is_no_loss_of_redis(bench: Bench) -> None:
    bench.shared.failure = RedisTimeoutError("slow")
    for _ in range(SLOW_CALLS - 1):
        await bench.ask()
    assert not bench.limiter.is_degraded
    await bench.ask()
    assert bench.limiter.is_degraded
