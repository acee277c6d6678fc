"""The generic cell rate algorithm as pure arithmetic; the in-process limiter calls it, `gcra.lua` repeats it.

Source: ITU-T I.371, "virtual scheduling algorithm". A client has one stored number, the theoretical arrival time
(TAT): when its allowance will be whole again. A limit of `count` per `period` lets `count` requests come at once
and then one every `period / count`. All times are whole microseconds.
"""

from dataclasses import dataclass

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    count: int
    period_s: int

    @property
    def interval_us(self) -> int:
        """Microseconds after which one more request is allowed; at least one."""
        return max(1, self.period_s * MICROSECONDS // self.count)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one limit says to one request; `arrival_us` is the TAT to store, unchanged when it was refused."""

    allowed: bool
    remaining: int
    retry_after_us: int
    reset_us: int
    arrival_us: int


def decide(limit: Limit, stored_us: int | None, now_us: int) -> Verdict:
    """Judge a request at `now_us` by the stored TAT (None for an unknown client)."""
    interval = limit.interval_us
    allowance = interval * limit.count
    arrival = max(stored_us or now_us, now_us)
    used_after = arrival + interval - now_us
    if used_after > allowance:
        return Verdict(
            allowed=False,
            remaining=0,
            retry_after_us=used_after - allowance,
            reset_us=arrival - now_us,
            arrival_us=arrival,
        )
    return Verdict(
        allowed=True,
        remaining=(allowance - used_after) // interval,
        retry_after_us=0,
        reset_us=used_after,
        arrival_us=arrival + interval,
    )
