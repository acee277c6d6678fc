"""Says in header fields how much of its allowance a client has left.

Source: draft-ietf-httpapi-ratelimit-headers-10 (`RateLimit`, `RateLimit-Policy`) and RFC 9110, section 10.2.3.
"""

from collections.abc import Mapping, Sequence

from api.rate_limits.gcra import Limit, Verdict
from api.rate_limits.local_limiter import seconds


def rate_limit_fields(
    scopes: Sequence[str], limits: Mapping[str, Limit], verdicts: Sequence[Verdict]
) -> dict[str, str]:
    """Give the fields of one answer: every policy that counted it, and what each leaves."""
    policies = [f'"{scope}";q={limits[scope].count};w={limits[scope].period_s}' for scope in scopes]
    left = [
        f'"{scope}";r={verdict.remaining};t={seconds(verdict.retry_after_us or verdict.reset_us)}'
        for scope, verdict in zip(scopes, verdicts, strict=True)
    ]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


def longest_wait_s(verdicts: Sequence[Verdict]) -> int:
    """Give the seconds after which every limit would let the request through; 0 when all did."""
    waits = [verdict.retry_after_us for verdict in verdicts if not verdict.allowed]
    return seconds(max(waits)) if waits else 0
