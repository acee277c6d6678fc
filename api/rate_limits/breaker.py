"""A circuit breaker: after failures a dependency is left alone for a while, then tried by one caller at a time."""

import time
from collections.abc import Callable

PAUSE_S = 1.0
SLOW_CALLS = 3
"""Slow calls in a row that open it: a single one may be this process's own stall."""


class Breaker:
    """Closed: every call goes through. Open: none does until the pause is over; then one does, and its end decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, pause_s: float = PAUSE_S) -> None:
        self._clock = clock
        self._pause_s = pause_s
        self._open_until: float | None = None
        self._slow_calls = 0

    @property
    def is_open(self) -> bool:
        """Whether the last call that went through failed."""
        return self._open_until is not None

    def allows(self) -> bool:
        """Whether this caller may try; in the open state that also keeps everybody else away for another pause."""
        if self._open_until is None:
            return True
        now = self._clock()
        if now < self._open_until:
            return False
        self._open_until = now + self._pause_s
        return True

    def succeeded(self) -> bool:
        """Close it; returns whether it was open."""
        was_open, self._open_until, self._slow_calls = self.is_open, None, 0
        return was_open

    def failed(self) -> bool:
        """Open it for a pause; returns whether it was closed."""
        was_closed = not self.is_open
        self._open_until = self._clock() + self._pause_s
        return was_closed

    def was_slow(self) -> bool:
        """Note a call that ran out of time; returns whether that opened it."""
        self._slow_calls += 1
        return self.failed() if self.is_open or self._slow_calls >= SLOW_CALLS else False
