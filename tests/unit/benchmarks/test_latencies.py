import pytest

from benchmarks.latencies import latency_row, percentile


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_of_few_times_the_99th_percentile_is_the_longest() -> None:
    assert percentile([0.1, 0.3, 0.2], 0.99) == 0.3


def test_a_row_is_in_milliseconds_and_says_of_how_many_times() -> None:
    row = latency_row("a price", [0.2, 0.3], 0.5, reference_s=0.1, reference_name="refresh interval", at_most_ms=250)
    assert (row.claim, row.measured, row.ratio, row.goal_text) == ("a price, p50 of 2", 200, 2, "≤ 250 ms")
    assert row.verdict == "met"
