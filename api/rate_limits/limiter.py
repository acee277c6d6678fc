"""The limiter that handlers ask: counts in Redis, and in this process while Redis is away.

Going over to the in-process count and back is logged once per change and counted in the metrics: a shop stays
open without Redis, and its operator sees it.
"""

from collections.abc import Callable, Mapping, Sequence

import structlog
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from api.rate_limits.breaker import Breaker
from api.rate_limits.gcra import Limit, Verdict
from api.rate_limits.local_limiter import LocalLimiter
from api.rate_limits.redis_limiter import RedisLimiter

log = structlog.get_logger()


class Limiter:
    """Knows every scope's limit; `take` never raises because of Redis and costs one round trip at most."""

    def __init__(
        self,
        limits: Mapping[str, Limit],
        shared: RedisLimiter,
        local: LocalLimiter,
        breaker: Breaker,
        count_fallback: Callable[[], None] = lambda: None,
    ) -> None:
        self.limits = limits
        self._shared = shared
        self._local = local
        self._breaker = breaker
        self._count_fallback = count_fallback

    async def take(self, client: str, scopes: Sequence[str]) -> list[Verdict]:
        """Count one request of the client in each scope, or in none when one is used up; verdicts in that order.

        The braces keep the keys of one client in one slot of a Redis cluster. A limit that is changed starts afresh.
        """
        keyed = [(_key(client, scope, self.limits[scope]), self.limits[scope]) for scope in scopes]
        verdicts = await self._ask_redis(keyed) if self._breaker.allows() else None
        if verdicts is None:
            self._count_fallback()
            return self._local.take(keyed)
        self._local.learn(keyed, verdicts)
        return verdicts

    async def _ask_redis(self, keyed: Sequence[tuple[str, Limit]]) -> list[Verdict] | None:
        """Count in Redis; None when it does not answer."""
        try:
            verdicts = await self._shared.take(keyed)
        except (RedisError, OSError) as error:
            is_slow = isinstance(error, RedisTimeoutError | TimeoutError)
            if self._breaker.was_slow() if is_slow else self._breaker.failed():
                log.warning("rate limits are counted in this process: Redis is away", error=str(error))
            return None
        if self._breaker.succeeded():
            log.info("rate limits are counted in Redis again")
        return verdicts

    @property
    def is_degraded(self) -> bool:
        """Whether requests are counted in this process because Redis is away."""
        return self._breaker.is_open


def _key(client: str, scope: str, limit: Limit) -> str:
    return f"aisle:rate:{{{client}}}:{scope}:{limit.count}/{limit.period_s}"
