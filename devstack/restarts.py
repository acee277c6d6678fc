"""Whether and when a process that ended is started again; the supervisor asks twice a second."""

from collections.abc import Callable

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
"""Whoever has run this long starts with the first delay again."""


class Restarted:
    """Something that is kept running; each failure in a row doubles the wait before the next start."""

    def __init__(
        self,
        name: str,
        is_running: Callable[[], bool],
        start: Callable[[], None],
        report: Callable[[str], None],
    ) -> None:
        self._name = name
        self._is_running = is_running
        self._start = start
        self._report = report
        self._failures = 0
        self._started = 0.0
        self._due: float | None = None

    def look(self, now: float) -> None:
        """Act on what is there at this time (seconds of a clock that only rises)."""
        if self._due is not None:
            self._start_when_due(now, self._due)
        elif not self._is_running():
            self._plan(now)

    def _plan(self, now: float) -> None:
        if now - self._started > STEADY_SECONDS:
            self._failures = 0
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2**self._failures)
        self._failures += 1
        self._due = now + delay
        self._report(f"{self._name} has ended; starting it again in {delay:g} s")

    def _start_when_due(self, now: float, due: float) -> None:
        if now >= due:
            self._due = None
            self._started = now
            self._report(f"starting {self._name} again")
            self._start()
