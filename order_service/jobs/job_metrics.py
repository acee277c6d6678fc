"""What the leader of the jobs did, for Prometheus; `cli.jobs` makes one a process and serves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

Outcome = Literal["done", "failed", "too_slow", "unavailable"]

BUCKETS_S = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)
LAG_BUCKETS_S = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 5, 10, 60)


class JobMetrics:
    """The jobs' instruments on a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._leading = Gauge("aisle_jobs_leading", "1 in the process that runs the jobs.", registry=self.registry)
        self._runs = Counter("aisle_job_runs", "Runs of a job.", ("job", "outcome"), registry=self.registry)
        self._rows = Counter("aisle_job_rows", "Rows that a job changed.", ("job",), registry=self.registry)
        self._seconds = Histogram(
            "aisle_job_seconds", "Time of a run.", ("job",), buckets=BUCKETS_S, registry=self.registry
        )
        self._succeeded = Gauge(
            "aisle_job_last_success_timestamp_seconds", "When a run last went well.", ("job",), registry=self.registry
        )

        self._expiry_lag = Histogram(
            "aisle_reservation_expiry_lag_seconds",
            "How late a reservation whose time was over was given back.",
            buckets=LAG_BUCKETS_S,
            registry=self.registry,
        )

    def observe_expiry_lag(self, seconds: float) -> None:
        """Note how late a reservation went."""
        self._expiry_lag.observe(seconds)

    @contextmanager
    def leading(self) -> Iterator[None]:
        """Say that this process leads for as long as the block lasts."""
        self._leading.set(1)
        try:
            yield
        finally:
            self._leading.set(0)

    def observe(self, job: str, outcome: Outcome, seconds: float, rows: int = 0) -> None:
        """Count one run."""
        self._runs.labels(job, outcome).inc()
        self._seconds.labels(job).observe(seconds)
        self._rows.labels(job).inc(rows)
        if outcome == "done":
            self._succeeded.labels(job).set_to_current_time()
