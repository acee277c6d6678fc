"""Forks the worker processes of `aisle serve --processes N` and keeps them running; `server` runs in each.

Tornado's own fork_processes leaves its children behind when the parent is told to stop; this parent passes the
signal on and waits for them.
"""

import os
import signal
import sys
import time
from types import FrameType

import structlog

RESTARTS_PER_MINUTE = 20
MINUTE_S = 60.0
ENDED_AS_TOLD = (0, -signal.SIGTERM)
"""The second is a worker that was told to stop before it had begun to serve."""
log = structlog.get_logger()


def fork_workers(count: int) -> int:
    """Return the worker's number (0 …) in each child; in the parent watch them and exit when all have ended.

    A worker that dies is started again, unless they die faster than twenty a minute. Call it before any event loop
    or connection exists.
    """
    if count == 1:
        return 0
    parent = _Parent()
    for number in range(count):
        if parent.start(number):
            return number
    return parent.watch()


class _Parent:
    """The process that has no loop of its own, only children."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._starts: list[float] = []
        self._is_stopping = False
        self._old = {each: signal.signal(each, self._stop) for each in (signal.SIGTERM, signal.SIGINT)}

    def start(self, number: int) -> bool:
        """Fork one; True in the child."""
        pid = os.fork()
        if pid:
            self._numbers[pid] = number
            if self._is_stopping:  # the signal came between the fork and this line
                os.kill(pid, signal.SIGTERM)
            return False
        for each, handler in self._old.items():
            signal.signal(each, handler)
        return True

    def watch(self) -> int:
        """Wait for children; returns in a child that was started again, never in the parent."""
        failed = False
        while self._numbers:
            pid, status = os.wait()
            number = self._numbers.pop(pid, None)
            if number is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if self._is_stopping:
                failed = failed or code not in ENDED_AS_TOLD
                continue
            log.warning("a worker process ended; it is started again", worker=number, code=code)
            if not self._may_restart():
                failed = True
                self._stop(signal.SIGTERM, None)
            elif self.start(number):
                return number
        sys.exit(1 if failed else 0)

    def _may_restart(self) -> bool:
        now = time.monotonic()
        self._starts = [at for at in self._starts if now - at < MINUTE_S] + [now]
        return len(self._starts) <= RESTARTS_PER_MINUTE

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        self._is_stopping = True
        for pid in self._numbers:
            os.kill(pid, signal.SIGTERM)
