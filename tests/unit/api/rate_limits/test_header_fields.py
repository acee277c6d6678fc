"""What a client is told of its allowance."""

from api.rate_limits.gcra import Limit, Verdict
from api.rate_limits.header_fields import longest_wait_s, rate_limit_fields

LIMITS = {"anon": Limit(600, 60), "suggest": Limit(20, 60)}
LEFT = Verdict(allowed=True, remaining=599, retry_after_us=0, reset_us=100_000, arrival_us=0)
USED_UP = Verdict(allowed=False, remaining=0, retry_after_us=2_100_000, reset_us=59_000_000, arrival_us=0)


def test_every_policy_is_named_with_what_it_leaves() -> None:
    assert rate_limit_fields(("anon", "suggest"), LIMITS, [LEFT, USED_UP]) == {
        "RateLimit-Policy": '"anon";q=600;w=60, "suggest";q=20;w=60',
        "RateLimit": '"anon";r=599;t=1, "suggest";r=0;t=3',
    }


def test_the_longest_wait_counts() -> None:
    assert longest_wait_s([LEFT, USED_UP]) == 3
    assert longest_wait_s([LEFT]) == 0
