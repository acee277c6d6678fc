"""One table of GCRA cases: the pure algorithm and the script on the real server are both held to it."""

from typing import NamedTuple

from api.rate_limits.gcra import Limit

START_US = 1_700_000_000_000_000
TWENTY_A_MINUTE = Limit(20, 60)


class Ask(NamedTuple):
    """One request `at` microseconds after the start and what must come of it."""

    at: int
    allowed: bool
    remaining: int
    retry_after_us: int
    reset_us: int


class Case(NamedTuple):
    """A limit and the requests of one client, in order."""

    name: str
    limit: Limit
    asks: tuple[Ask, ...]


SECOND = 1_000_000
LET_IN, REFUSED = True, False
CASES = (
    Case("the first of one", Limit(1, 1), (Ask(0, LET_IN, 0, 0, SECOND),)),
    Case(
        "a burst, then refused, then one more after an interval",
        TWENTY_A_MINUTE,
        (
            *(Ask(0, LET_IN, 19 - n, 0, (n + 1) * 3 * SECOND) for n in range(20)),
            Ask(0, REFUSED, 0, 3 * SECOND, 60 * SECOND),
            Ask(SECOND, REFUSED, 0, 2 * SECOND, 59 * SECOND),
            Ask(3 * SECOND, LET_IN, 0, 0, 60 * SECOND),
            Ask(3 * SECOND, REFUSED, 0, 3 * SECOND, 60 * SECOND),
        ),
    ),
    Case(
        "an allowance is whole again after its period and never grows beyond",
        Limit(2, 10),
        (
            Ask(0, LET_IN, 1, 0, 5 * SECOND),
            Ask(0, LET_IN, 0, 0, 10 * SECOND),
            Ask(10 * SECOND, LET_IN, 1, 0, 5 * SECOND),
            Ask(100 * SECOND, LET_IN, 1, 0, 5 * SECOND),
        ),
    ),
    Case(
        "a clock that steps back lets nobody have more",
        Limit(2, 10),
        (Ask(SECOND, LET_IN, 1, 0, 5 * SECOND), Ask(0, REFUSED, 0, SECOND, 6 * SECOND)),
    ),
    Case("a million a second", Limit(1_000_000, 1), (Ask(0, LET_IN, 999_999, 0, 1), Ask(0, LET_IN, 999_998, 0, 2))),
)
