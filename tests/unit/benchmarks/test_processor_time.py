import pytest

from benchmarks.processor_time import processor_ticks, share_between

STAT = """\
cpu  2255 34 2290 22625563 6290 127 456 7 300 400
cpu0 1132 34 1441 11311718 3675 127 438 3 150 200
"""


def test_the_first_line_counts_and_guests_are_not_counted_twice() -> None:
    assert processor_ticks(STAT) == [2255, 34, 2290, 22625563, 6290, 127, 456, 7]


@pytest.mark.parametrize(
    ("spent", "share"),
    [([10, 0, 10, 70, 10, 0, 0, 0], 0.2), ([0, 0, 0, 100, 0, 0, 0, 0], 0), ([0, 0, 0, 0, 0, 0, 0, 50], 1)],
)
def test_idle_and_waiting_time_is_not_busy(spent: list[int], share: float) -> None:
    before = processor_ticks(STAT)
    after = [ticks + more for ticks, more in zip(before, spent, strict=True)]
    assert share_between(before, after) == pytest.approx(share)
