"""One thing that is done again and again; `cli.jobs` puts the list together, `run_jobs` runs it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


class NeededServerAway(Exception):
    """A server that the task needs, other than Postgres, is away or too slow now; the task is tried again."""


@dataclass(frozen=True, slots=True)
class Task:
    """`work` changes rows and says how many; it is run at once and then `every_s` seconds after each end.

    It may be cut off at any await (after `within_s` seconds, or when the process ends), and for a moment two leaders
    may run it side by side: it commits in pieces that are right by themselves, and repeating one changes nothing.
    It raises Unavailable and NeededServerAway for what passes; whatever else it raises is logged as a fault.
    """

    name: str
    every_s: float
    work: Callable[[], Awaitable[int]]
    within_s: float = 300.0
