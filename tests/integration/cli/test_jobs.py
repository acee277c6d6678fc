"""`aisle jobs` as real processes: one leads, another takes over from a killed one, both stop in order."""

import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.factories.processes import AisleProcess, eventually, free_port

pytestmark = pytest.mark.servers


@pytest.fixture
def pair(environment: Mapping[str, str], tmp_path: Path) -> Iterator[tuple[AisleProcess, AisleProcess]]:
    """Two processes of one installation, each with a port for its metrics."""
    (tmp_path / "second").mkdir()
    made = (
        AisleProcess({**environment, "JOBS_METRICS_PORT": str(free_port())}, tmp_path, "jobs"),
        AisleProcess({**environment, "JOBS_METRICS_PORT": str(free_port())}, tmp_path / "second", "jobs"),
    )
    yield made
    for each in made:
        each.kill()


def said(process: AisleProcess, words: str) -> bool:
    return words in process.log.read_text(encoding="utf-8")


def metrics(process: AisleProcess) -> str:
    url = f"http://127.0.0.1:{process._environment['JOBS_METRICS_PORT']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read(), "utf-8")


def test_another_process_takes_over_from_one_that_was_killed(pair: tuple[AisleProcess, AisleProcess]) -> None:
    first, second = pair
    first.start()
    eventually(lambda: said(first, "jobs_leading"), 30)
    second.start()
    eventually(lambda: said(second, "jobs_standing_by"), 30)
    assert "aisle_jobs_leading 1.0" in metrics(first)
    assert "aisle_jobs_leading 0.0" in metrics(second)
    first.kill()
    eventually(lambda: said(second, "jobs_leading"), 5)
    eventually(lambda: 'aisle_job_runs_total{job="prune-expired",outcome="done"} 1.0' in metrics(second), 10)
    assert second.stop() == 0
    assert said(second, "process_stopped")


def test_a_wrong_setting_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    process = AisleProcess({**environment, "JOBS_PRUNE_MINUTES": "never"}, tmp_path, "jobs")
    process.start()
    eventually(lambda: not process.is_running(), 30)
    assert process.stop() == 2
    assert said(process, "JOBS_PRUNE_MINUTES: expected minutes")
