"""Batches are whole, and what came before a file broke off is not lost."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.catalog.import_report import ImportReport, batched
from order_service.catalog.line_reader import UnreadableFile


@given(st.lists(st.integers(), max_size=50), st.integers(min_value=1, max_value=7))
def test_batches_hold_every_item_in_order(items: list[int], size: int) -> None:
    batches = list(batched(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == size for batch in batches[:-1])


def test_the_part_before_a_break_is_given_first() -> None:
    def broken() -> Iterator[int]:
        yield from (1, 2, 3)
        raise UnreadableFile("breaks off")

    batches = batched(broken(), 2)
    assert (next(batches), next(batches)) == ([1, 2], [3])
    with pytest.raises(UnreadableFile):
        next(batches)


def test_a_report_counts_and_tells() -> None:
    told: list[tuple[int, str]] = []
    report = ImportReport(on_bad=lambda number, reason: told.append((number, reason)))
    report.refuse(3, "not JSON")
    report.count(created=1, changed=2, unchanged=3)
    report.count(created=1, changed=0, unchanged=0)
    assert (report.created, report.changed, report.unchanged, report.bad) == (2, 2, 3, 1)
    assert told == [(3, "not JSON")]
