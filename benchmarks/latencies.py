"""Turns the times that a benchmark took one by one into rows of percentiles; used by those that measure a wait."""

import math
from collections.abc import Sequence

from benchmarks.rows import Goal, Row

MEDIAN, NEARLY_ALL = 0.5, 0.99


def percentile(seconds: Sequence[float], share: float) -> float:
    """Give the smallest of the times that `share` of them do not exceed (nearest rank); there must be one."""
    return sorted(seconds)[max(math.ceil(share * len(seconds)) - 1, 0)]


def latency_row(  # noqa: PLR0913 - each names a part of the row
    claim: str, seconds: Sequence[float], share: float, *, reference_s: float, reference_name: str, at_most_ms: float
) -> Row:
    """Make the row of one percentile in milliseconds, with its goal."""
    return Row(
        f"{claim}, p{share * 100:g} of {len(seconds)}",
        percentile(seconds, share) * 1000,
        reference_s * 1000,
        reference_name,
        "ms",
        Goal(at_most_ms, of="figure", at_least=False),
    )
