"""When a dependency is left alone."""

import pytest

from api.rate_limits.breaker import PAUSE_S, SLOW_CALLS, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_failure_keeps_everybody_away_until_the_pause_is_over(clock: Clock) -> None:
    breaker = Breaker(clock)
    assert breaker.allows()
    assert breaker.failed()
    assert breaker.is_open
    assert not breaker.allows()


def test_after_the_pause_one_caller_tries_for_all(clock: Clock) -> None:
    breaker = Breaker(clock)
    breaker.failed()
    clock.now += PAUSE_S
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    assert breaker.succeeded()
    assert breaker.allows()
    assert not breaker.succeeded()


def test_a_failed_try_opens_it_for_another_pause_without_being_a_change(clock: Clock) -> None:
    breaker = Breaker(clock)
    breaker.failed()
    clock.now += PAUSE_S
    assert breaker.allows()
    assert not breaker.failed()
    assert not breaker.allows()


def test_one_slow_call_is_forgiven_and_several_in_a_row_are_not(clock: Clock) -> None:
    breaker = Breaker(clock)
    assert not breaker.was_slow()
    breaker.succeeded()
    assert [breaker.was_slow() for _ in range(SLOW_CALLS)] == [False] * (SLOW_CALLS - 1) + [True]
    assert breaker.is_open
