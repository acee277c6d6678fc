"""Counts requests in this process's memory; takes over while Redis is away."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from api.rate_limits.gcra import MICROSECONDS, Limit, Verdict, decide

MAX_CLIENTS = 100_000


def wall_clock_us() -> int:
    """Read the time in microseconds from a clock that only goes forward."""
    return time.monotonic_ns() // 1000


class LocalLimiter:
    """Keeps one TAT per key, the least recently used of more than 100,000 forgotten; never blocks."""

    def __init__(self, clock_us: Callable[[], int] = wall_clock_us) -> None:
        self._clock_us = clock_us
        self._arrivals: OrderedDict[str, int] = OrderedDict()

    def take(self, limits: Sequence[tuple[str, Limit]]) -> list[Verdict]:
        """Take one request from every keyed limit, or from none when one of them refuses."""
        now = self._clock_us()
        verdicts = [decide(limit, self._arrivals.get(key), now) for key, limit in limits]
        if all(verdict.allowed for verdict in verdicts):
            for (key, _), verdict in zip(limits, verdicts, strict=True):
                self._remember(key, verdict.arrival_us)
        return verdicts

    def learn(self, limits: Sequence[tuple[str, Limit]], verdicts: Sequence[Verdict]) -> None:
        """Take over what another limiter decided, so that losing it gives nobody a fresh allowance."""
        now = self._clock_us()
        for (key, _), verdict in zip(limits, verdicts, strict=True):
            self._remember(key, now + verdict.reset_us)

    def _remember(self, key: str, arrival_us: int) -> None:
        self._arrivals[key] = arrival_us
        self._arrivals.move_to_end(key)
        if len(self._arrivals) > MAX_CLIENTS:
            self._arrivals.popitem(last=False)


def seconds(microseconds: int) -> int:
    """Round up to whole seconds, at least one: what `Retry-After` can say."""
    return max(1, -(-microseconds // MICROSECONDS))
