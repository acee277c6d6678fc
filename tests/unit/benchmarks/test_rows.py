import pytest

from benchmarks.rows import Goal, Row, shown

AT_MOST_300 = Goal(300, of="figure", at_least=False)
AT_LEAST_5000 = Goal(5_000, of="figure")


def row(measured: float, reference: float = 100, goal: Goal | None = None) -> Row:
    return Row("orders", measured, reference, "pgbench", "orders/s", goal)


def test_the_ratio_is_measured_over_reference() -> None:
    assert row(300, 100).ratio == 3


def test_a_reference_that_did_nothing_gives_no_ratio() -> None:
    assert row(300, 0).ratio == 0


@pytest.mark.parametrize(
    ("measured", "goal", "verdict"),
    [
        (250, Goal(2.5), "met"),
        (249, Goal(2.5), "missed"),
        (5_000, AT_LEAST_5000, "met"),
        (4_999, AT_LEAST_5000, "missed"),
        (300, AT_MOST_300, "met"),
        (301, AT_MOST_300, "missed"),
        (1, None, ""),
    ],
)
def test_a_goal_is_met_or_missed_and_without_one_there_is_no_verdict(
    measured: float, goal: Goal | None, verdict: str
) -> None:
    assert row(measured, goal=goal).verdict == verdict


@pytest.mark.parametrize(
    ("goal", "text"),
    [(Goal(0.85), "≥ 0.85"), (AT_LEAST_5000, "≥ 5,000 orders/s"), (AT_MOST_300, "≤ 300 orders/s"), (None, "")],
)
def test_a_goal_shows_what_it_bounds(goal: Goal | None, text: str) -> None:
    assert row(1, goal=goal).goal_text == text


@pytest.mark.parametrize(("figure", "text"), [(12_345.6, "12,346"), (100, "100"), (23.46, "23.5"), (0.1234, "0.123")])
def test_a_figure_has_no_more_digits_than_it_is_worth(figure: float, text: str) -> None:
    assert shown(figure) == text
