"""The generic cell rate algorithm as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rate_limits.gcra import Limit, decide
from tests.factories.limit_cases import CASES, START_US, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_goes_as_written(case: Case) -> None:
    stored: int | None = None
    for ask in case.asks:
        verdict = decide(case.limit, stored, START_US + ask.at)
        got = (verdict.allowed, verdict.remaining, verdict.retry_after_us, verdict.reset_us)
        assert got == (ask.allowed, ask.remaining, ask.retry_after_us, ask.reset_us), ask
        stored = verdict.arrival_us


@given(
    count=st.integers(1, 50),
    period=st.integers(1, 60),
    pauses=st.lists(st.integers(0, 5_000_000), max_size=200),
)
def test_no_window_of_one_period_holds_more_than_twice_the_count(count: int, period: int, pauses: list[int]) -> None:
    """A full burst and what grows back within the period: the known bound of GCRA."""
    limit, now, stored, allowed = Limit(count, period), START_US, None, []
    for pause in pauses:
        now += pause
        verdict = decide(limit, stored, now)
        stored = verdict.arrival_us
        if verdict.allowed:
            allowed.append(now)
    window = limit.interval_us * count
    for first in allowed:
        assert sum(first <= each < first + window for each in allowed) <= 2 * count


@given(count=st.integers(1, 1000), period=st.integers(1, 86_400), used=st.integers(0, 2000))
def test_who_waits_as_told_is_let_in(count: int, period: int, used: int) -> None:
    limit, stored = Limit(count, period), None
    for _ in range(min(used, count) + 1):
        verdict = decide(limit, stored, START_US)
        stored = verdict.arrival_us
    assert decide(limit, stored, START_US + verdict.retry_after_us + limit.interval_us).allowed
