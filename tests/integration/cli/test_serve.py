"""`aisle serve` as a process: what stops it at the start, how it runs, how it ends."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from tests.factories.http_client import HttpClient
from tests.factories.processes import AISLE, AisleProcess, eventually, free_port

pytestmark = pytest.mark.servers


def refused(environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and words of a start that must fail."""
    done = subprocess.run(  # noqa: S603 - our own command
        [AISLE, "serve"], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def answers(client: HttpClient, path: str = "/health") -> bool:
    try:
        return client.call("GET", path).status == 200
    except OSError:
        return False


def test_wrong_settings_are_named_all_at_once(environment: Mapping[str, str]) -> None:
    code, words = refused({**environment, "RATE_SUGGEST": "often", "METRICS_PORT": "high", "AISLE_SECRET_KEY": "short"})
    assert code == 2
    assert [line.partition(":")[0] for line in words.splitlines()] == [
        "AISLE_SECRET_KEY",
        "METRICS_PORT",
        "RATE_SUGGEST",
    ]


def test_an_older_schema_is_refused_with_what_to_do(environment: Mapping[str, str]) -> None:
    name = f"empty_{os.getpid()}"
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            code, words = refused(
                {**environment, "DATABASE_URL": f"{environment['DATABASE_URL'].rpartition('/')[0]}/{name}"}
            )
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
    assert code == 1
    assert "aisle migrate" in words


def test_postgres_away_is_said_in_one_line(environment: Mapping[str, str]) -> None:
    code, words = refused({**environment, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert (code, len(words.splitlines())) == (1, 1)


def test_a_port_that_is_taken_is_named_with_its_variable(environment: Mapping[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, words = refused({**environment, "PORT": "0", "METRICS_PORT": port})
    assert code == 1
    assert f"METRICS_PORT: cannot listen on 127.0.0.1:{port}" in words


@pytest.fixture
def ports() -> tuple[int, int]:
    """A port for the API, and one for metrics whose next one up is free as well: the second process takes that."""
    metrics = eventually(_two_free_ports)
    assert metrics is not None
    return free_port(), metrics


def _two_free_ports() -> int | None:
    first = free_port()
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", first + 1))
        except (OSError, OverflowError):
            return None
    return first


@pytest.fixture
def serving(environment: Mapping[str, str], tmp_path: Path, ports: tuple[int, int]) -> Iterator[AisleProcess]:
    settings = {**environment, "METRICS_PORT": str(ports[1])}
    process = AisleProcess(settings, tmp_path, "serve", "--port", str(ports[0]), "--processes", "2")
    process.start()
    client = HttpClient(f"http://127.0.0.1:{ports[0]}")
    try:
        eventually(lambda: answers(client), 30)
        yield process
    finally:
        process.stop()


def test_it_answers_measures_and_ends_when_told(serving: AisleProcess, ports: tuple[int, int]) -> None:
    metrics = HttpClient(f"http://127.0.0.1:{ports[1]}")
    eventually(lambda: answers(metrics, "/metrics"))
    assert b"aisle_http_requests_running" in metrics.call("GET", "/metrics").body
    assert serving.stop() == 0
    assert not answers(HttpClient(f"http://127.0.0.1:{ports[0]}"))


def test_a_worker_that_dies_is_started_again(serving: AisleProcess, ports: tuple[int, int]) -> None:
    workers = children_of(serving)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    eventually(lambda: len(now := children_of(serving)) == 2 and workers[0] not in now)
    eventually(lambda: answers(HttpClient(f"http://127.0.0.1:{ports[0]}")))
    assert serving.stop() == 0


def children_of(process: AisleProcess) -> list[int]:
    """The worker processes, oldest first."""
    assert process._process is not None
    pid = process._process.pid
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
