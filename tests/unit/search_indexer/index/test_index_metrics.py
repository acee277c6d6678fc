from datetime import UTC, datetime, timedelta

from search_indexer.index.consumer import IndexedBatch, OldestChange
from search_indexer.index.index_metrics import IndexMetrics


def test_batches_times_and_vectors_are_told() -> None:
    metrics = IndexMetrics()
    oldest = OldestChange(7, 1, datetime.now(UTC))
    metrics.indexed(IndexedBatch(messages=3, products=2, oldest=oldest, behind=timedelta(seconds=1.5)))
    metrics.indexed(IndexedBatch(messages=1, products=1, oldest=oldest, behind=timedelta(seconds=0.5)))
    metrics.searchable(0.35)
    metrics.filled(12)

    def told(name: str) -> float | None:
        return metrics.registry.get_sample_value(name)

    assert told("aisle_index_messages_total") == 4
    assert told("aisle_index_batch_products_sum") == 3
    assert told("aisle_index_behind_seconds") == 0.5
    assert told("aisle_index_commit_to_searchable_seconds_sum") == 0.35
    assert told("aisle_index_vectors_filled_total") == 12
