import pytest

from benchmarks.rows import Row


def row(measured: float, reference: float, goal: float | None = None) -> Row:
    return Row("orders", measured, reference, "pgbench", "orders/s", goal)


def test_the_ratio_is_measured_over_reference() -> None:
    assert row(300, 100).ratio == 3


def test_a_reference_that_did_nothing_gives_no_ratio() -> None:
    assert row(300, 0).ratio == 0


@pytest.mark.parametrize(("measured", "goal", "verdict"), [(250, 2.5, "met"), (249, 2.5, "missed"), (1, None, "")])
def test_a_goal_is_met_or_missed_and_without_one_there_is_no_verdict(
    measured: float, goal: float | None, verdict: str
) -> None:
    assert row(measured, 100, goal).verdict == verdict
