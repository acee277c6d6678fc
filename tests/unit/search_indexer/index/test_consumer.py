from datetime import UTC, datetime, timedelta

from search_indexer.index import consumer
from search_indexer.index.consumer import IndexedBatch, OldestChange, log_batch
from tests.factories.product_snapshots import product_message, product_snapshot


def test_of_several_versions_of_a_product_the_highest_is_kept() -> None:
    messages = [product_message(product_snapshot(1, version=version), offset=version) for version in (2, 3, 1)]
    newest, faults = consumer._newest_of_each([*messages, product_message(None)])
    assert {key: (snapshot.version, message.offset) for key, (snapshot, message) in newest.items()} == {1: (3, 3)}
    assert faults == []


def test_messages_that_are_no_snapshot_are_named_with_the_reason() -> None:
    messages = [product_message(value) for value in (b"", b"[]", b'{"id":1}', b"\xff", b"[" * 100_000)]
    newest, faults = consumer._newest_of_each(messages)
    assert newest == {}
    assert [message for message, _ in faults] == messages
    assert all(reason.startswith("not a product snapshot") for _, reason in faults)


def test_a_batch_can_be_told_to_the_log() -> None:
    oldest = OldestChange(1, 1, datetime.now(UTC))
    log_batch(IndexedBatch(messages=2, products=1, oldest=oldest, behind=timedelta(seconds=1)))
