"""Cutting what was read into batches."""

from messaging.membership import batches
from tests.factories.events import plain_message


def test_batches_end_before_they_exceed_the_bytes() -> None:
    messages = [plain_message(offset, value=b"x" * size) for offset, size in enumerate((4, 4, 4, 20, 1))]
    assert [[each.offset for each in batch] for batch in batches(messages, max_bytes=9)] == [[0, 1], [2], [3], [4]]


def test_a_tombstone_weighs_nothing() -> None:
    assert [len(batch) for batch in batches([plain_message(offset, value=None) for offset in range(5)], 1)] == [5]


def test_nothing_makes_no_batch() -> None:
    assert list(batches([], 10)) == []
