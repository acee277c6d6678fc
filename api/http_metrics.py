"""Rate, errors and duration per route template, and what the limiter did; `dependencies` makes one a process."""

from collections.abc import Callable
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HttpMetrics:
    """The API's instruments on a registry of their own; labels are route templates, never paths."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "aisle_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "aisle_http_request_seconds",
            "Time from the first handler line to the last byte.",
            ("method", "route"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._running = Gauge("aisle_http_requests_running", "Requests being answered.", registry=self.registry)
        self._limited = Counter(
            "aisle_rate_limited_requests", "Requests refused with 429.", ("scope",), registry=self.registry
        )
        self._fallbacks = Counter(
            "aisle_rate_limit_fallbacks", "Requests counted in process, Redis being away.", registry=self.registry
        )
        self._unlogged = Counter(
            "aisle_search_log_dropped_rows", "Searches and clicks that the log gave up.", registry=self.registry
        )
        self._cached = Counter(
            "aisle_search_cache_answers",
            "Searches answered, from the cache or not.",
            ("outcome",),
            registry=self.registry,
        )

        self._index_lag = Gauge(
            "aisle_search_index_lag_seconds",
            "Age of the oldest product change that searches cannot find yet; NaN while it is not known.",
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def watch_running(self, count: Callable[[], float]) -> None:
        """Have the number of running requests read from `count` whenever metrics are asked for."""
        self._running.set_function(count)

    def watch_index_lag(self, lag_ms: Callable[[], int | None]) -> None:
        """Have the search index's lag read from `lag_ms` whenever metrics are asked for."""

        def seconds() -> float:
            known = lag_ms()
            return nan if known is None else known / 1000

        self._index_lag.set_function(seconds)

    def count_limited(self, scope: str) -> None:
        """Count one request that was refused by the scope's limit."""
        self._limited.labels(scope).inc()

    def count_fallback(self) -> None:
        """Count one request that was counted without Redis."""
        self._fallbacks.inc()

    def count_cached(self, outcome: str) -> None:
        """Count one search answered; the outcome is hit or miss."""
        self._cached.labels(outcome).inc()

    def count_unlogged(self, rows: int) -> None:
        """Count searches and clicks that were not logged, Postgres being slow or away."""
        self._unlogged.inc(rows)
