"""Counting in this process's memory."""

from api.rate_limits.gcra import Limit, Verdict
from api.rate_limits.local_limiter import MAX_CLIENTS, LocalLimiter, seconds

ONE = Limit(1, 60)
TWO = Limit(2, 60)


def test_a_request_takes_from_every_limit_or_from_none() -> None:
    limiter = LocalLimiter(lambda: 10**9)
    assert all(each.allowed for each in limiter.take([("wide", TWO), ("narrow", ONE)]))
    refused = limiter.take([("wide", TWO), ("narrow", ONE)])
    assert [each.allowed for each in refused] == [True, False]
    assert limiter.take([("wide", TWO)])[0].remaining == 0
    assert not limiter.take([("wide", TWO)])[0].allowed


def test_it_goes_on_from_what_another_limiter_decided() -> None:
    limiter = LocalLimiter(lambda: 10**9)
    limiter.learn(
        [("key", ONE)], [Verdict(allowed=True, remaining=0, retry_after_us=0, reset_us=60_000_000, arrival_us=0)]
    )
    assert not limiter.take([("key", ONE)])[0].allowed


def test_it_forgets_the_least_recent_client_when_there_are_too_many() -> None:
    limiter = LocalLimiter(lambda: 10**9)
    for client in range(MAX_CLIENTS + 1):
        limiter.take([(str(client), ONE)])
    assert limiter.take([("0", ONE)])[0].allowed
    assert not limiter.take([(str(MAX_CLIENTS), ONE)])[0].allowed


def test_it_counts_by_a_clock_of_its_own() -> None:
    assert LocalLimiter().take([("key", ONE)])[0].allowed


def test_waits_are_rounded_up_to_whole_seconds() -> None:
    assert [seconds(each) for each in (0, 1, 1_000_000, 1_000_001)] == [1, 1, 1, 2]
