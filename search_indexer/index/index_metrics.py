"""What the index consumer and the filler did, for Prometheus; `cli.consume` makes one a process and serves it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from search_indexer.index.consumer import IndexedBatch, log_batch

BATCH_SIZES = (1, 5, 10, 50, 100, 250, 500, 1_000)
BUCKETS_S = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.5, 2.5, 5, 10, 30, 60, 300)


class IndexMetrics:
    """The consumer's instruments on a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = Counter("aisle_index_messages", "Messages read and indexed.", registry=self.registry)
        self._products = Histogram(
            "aisle_index_batch_products", "Products written in one batch.", buckets=BATCH_SIZES, registry=self.registry
        )
        self._behind = Gauge(
            "aisle_index_behind_seconds",
            "Age of the oldest change in the last batch when it was written.",
            registry=self.registry,
        )
        self._searchable = Histogram(
            "aisle_index_commit_to_searchable_seconds",
            "From a product's change until a search finds it, of the oldest change in a batch, at most one a second.",
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._filled = Counter(
            "aisle_index_vectors_filled", "Documents that the filler gave their vector.", registry=self.registry
        )

    def indexed(self, batch: IndexedBatch) -> None:
        """Count one batch that Elasticsearch has acknowledged."""
        log_batch(batch)
        self._messages.inc(batch.messages)
        self._products.observe(batch.products)
        self._behind.set(batch.behind.total_seconds())

    def searchable(self, seconds: float) -> None:
        """Note how long a change took until it was found."""
        self._searchable.observe(seconds)

    def filled(self, documents: int) -> None:
        """Count documents that got their vector."""
        self._filled.inc(documents)
