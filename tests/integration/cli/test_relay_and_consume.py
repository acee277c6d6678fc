"""The long-running commands as real processes: they start, wait for servers that are away, and stop when asked."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.factories.processes import AisleProcess, eventually, free_port

pytestmark = pytest.mark.servers

COMMANDS = [("relay",), ("consume", "index"), ("consume", "notifications")]


@pytest.fixture(params=COMMANDS, ids=" ".join)
def command(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """One of the commands."""
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture
def process(command: tuple[str, ...], environment: Mapping[str, str], tmp_path: Path) -> Iterator[AisleProcess]:
    """It, on the real servers."""
    made = AisleProcess(environment, tmp_path, *command)
    yield made
    made.kill()


@pytest.fixture
def stranded(command: tuple[str, ...], environment: Mapping[str, str], tmp_path: Path) -> Iterator[AisleProcess]:
    """It, with no server where any should be."""
    nowhere = f"127.0.0.1:{free_port()}"
    servers = {
        "DATABASE_URL": f"postgresql://aisle@{nowhere}/none",
        "ELASTICSEARCH_URL": f"http://{nowhere}",
        "KAFKA_BOOTSTRAP_SERVERS": nowhere,
        "SMTP_URL": f"smtp://{nowhere}",
    }
    made = AisleProcess({**environment, **servers}, tmp_path, *command)
    yield made
    made.kill()


def said(process: AisleProcess, words: str) -> bool:
    return words in process.log.read_text(encoding="utf-8")


def stop_in_time(process: AisleProcess) -> int:
    started = time.monotonic()
    code = process.stop()
    assert time.monotonic() - started < 10
    return code


def test_it_stops_in_order_when_asked(process: AisleProcess, command: tuple[str, ...]) -> None:
    process.start()
    at_work = "shards_claimed" if command == ("relay",) else "partitions_assigned"
    eventually(lambda: said(process, at_work), 30)
    assert stop_in_time(process) == 0
    assert said(process, "process_stopped")


def test_without_any_server_it_waits_and_stops_in_order(stranded: AisleProcess) -> None:
    stranded.start()
    eventually(lambda: said(stranded, "away"), 30)
    assert stranded.is_running()
    assert stop_in_time(stranded) == 0


def test_a_wrong_setting_is_named(environment: Mapping[str, str], tmp_path: Path, command: tuple[str, ...]) -> None:
    process = AisleProcess({**environment, "KAFKA_PARTITIONS": "none"}, tmp_path, *command)
    process.start()
    eventually(lambda: not process.is_running(), 30)
    assert process.stop() == 2
    assert said(process, "KAFKA_PARTITIONS: expected a whole number")


def test_an_unusable_sender_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    process = AisleProcess({**environment, "MAIL_FROM": "nobody"}, tmp_path, "consume", "notifications")
    process.start()
    eventually(lambda: not process.is_running(), 30)
    assert process.stop() == 2
    assert said(process, "MAIL_FROM: expected one plain mail address")
