"""Keeps aiokafka from repeating a line ten times a second while a broker is away; set up by the commands."""

import logging
import time

PERIOD_S = 10.0


class OncePerPeriod(logging.Filter):
    """Lets each of aiokafka's messages pass once per `period_s` seconds, and everybody else's always."""

    def __init__(self, period_s: float = PERIOD_S) -> None:
        super().__init__()
        self._period_s = period_s
        self._passed: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the record is to be written; messages are told apart before their arguments are filled in."""
        if not record.name.startswith("aiokafka"):
            return True
        now, message = time.monotonic(), (record.name, str(record.msg))
        if now - self._passed.get(message, -self._period_s) < self._period_s:
            return False
        self._passed[message] = now
        return True
