"""Counts requests in Redis, shared by every API process; those that wait together go in one round trip.

redis-py retries for seconds by default when the server is down; here a call fails at once and the breaker in
`limiter` decides what happens next.
"""

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

from api.rate_limits.gcra import Limit, Verdict

TIMEOUT_S = 0.05
CONNECTIONS = 4
BATCH_MAX = 128


class _Waiting(NamedTuple):
    """One request that waits to be counted."""

    keys: int
    arguments: list[str | int]
    verdicts: asyncio.Future[list[Verdict]]


def open_redis(url: str) -> Redis:
    """Make a client that gives up after 50 ms and never retries; connects on first use."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        protocol=2,  # saves the greeting of protocol 3 on every new connection
    )
    return Redis.from_pool(pool)


class RedisLimiter:
    """Runs `gcra.lua`; a burst of requests shares one connection and, while one round trip runs, the next one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = files("api.rate_limits").joinpath("gcra.lua").read_text(encoding="utf-8")
        self._digest: str | None = None
        self._waiting: list[_Waiting] = []
        self._sender: asyncio.Task[None] | None = None

    async def take(self, limits: Sequence[tuple[str, Limit]], now_us: int | None = None) -> list[Verdict]:
        """Take one request from every keyed limit, or from none; `now_us` stands in for Redis TIME in tests.

        Raises redis.exceptions.RedisError, OSError or TimeoutError when Redis cannot answer.
        """
        arguments: list[str | int] = [key for key, _ in limits]
        for _, limit in limits:
            arguments += [limit.interval_us, limit.count]
        if now_us is not None:
            arguments.append(now_us)
        waiting = _Waiting(len(limits), arguments, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_all())
        return await waiting.verdicts

    async def _send_all(self) -> None:
        """Send what waits, a batch at a time, until nothing does; failures go to those who wait."""
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            try:
                answers = await self._evaluate(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is belongs to the callers, none of whom may wait forever
                answers = [error] * len(batch)
            for waiting, answer in zip(batch, answers, strict=True):
                _settle(waiting.verdicts, answer)

    async def _evaluate(self, batch: Sequence[_Waiting]) -> list[list[list[int]] | Exception]:
        if self._digest is None:
            self._digest = await self._redis.script_load(self._script)
        pipeline = self._redis.pipeline(transaction=False)
        for waiting in batch:
            pipeline.evalsha(self._digest, waiting.keys, *waiting.arguments)
        answers: list[list[list[int]] | Exception] = await pipeline.execute(raise_on_error=False)
        if any(
            isinstance(answer, NoScriptError) for answer in answers
        ):  # the server was restarted and has forgotten it
            self._digest = None
            return await self._evaluate(batch)
        return answers


def _settle(verdicts: asyncio.Future[list[Verdict]], answer: list[list[int]] | Exception) -> None:
    if verdicts.done():  # whoever asked is gone
        return
    if isinstance(answer, Exception):
        verdicts.set_exception(answer)
    else:
        verdicts.set_result([Verdict(bool(row[0]), row[1], row[2], row[3], 0) for row in answer])
