# ruff: noqa: S603 (the commands themselves are what is tested)
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.application import COMMAND_VARIABLE
from devstack.places import FOLDER_VARIABLE
from devstack.processes import Identity, marked, wait_until
from devstack.state import State, StateFile

pytestmark = pytest.mark.servers

STUB = """\
#!{python}
import http.server, os, signal, sys

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

if sys.argv[1] == os.environ.get("FAILING_STEP"):
    sys.exit("the stub was told to fail")
if sys.argv[1] == "serve":
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Ready).serve_forever()
if sys.argv[1] in ("relay", "consume", "jobs"):
    signal.pause()
"""


class Checkout:
    """A checkout's commands, with a stub for `aisle`, and the slow servers offered by the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / ".devstack"
        stub = folder / "aisle"
        stub.write_text(STUB.format(python=sys.executable))
        stub.chmod(0o755)
        servers = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "MAILBOX_URL")
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in servers},
            FOLDER_VARIABLE: str(self.folder),
            COMMAND_VARIABLE: str(stub),
            "ELASTICSEARCH_URL": "http://127.0.0.1:9",
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        }

    def run(self, command: str, **more: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "devstack", command]
        root = Path(__file__).resolve().parents[3]
        environment = {**self._environment, **more}
        return subprocess.run(argv, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=120)

    def state(self) -> State:
        return StateFile(self.folder).read()

    def leftovers(self) -> list[Identity]:
        state = self.state()
        return [*marked(state.owner), *(one for one in state.processes.values() if one.is_running())]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    one = Checkout(tmp_path)
    yield one
    one.run("reset")


def test_up_returns_when_the_api_is_ready_and_down_stops_everything(checkout: Checkout) -> None:
    outcome = checkout.run("up")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    lines = (checkout.folder / "env").read_text().splitlines()
    assert {"export ELASTICSEARCH_URL=http://127.0.0.1:9", "export STAFF_EMAIL=staff@example.com"} <= set(lines)
    assert checkout.run("status").returncode == 0
    assert "already" in checkout.run("up").stdout
    assert checkout.run("down").returncode == 0
    assert checkout.leftovers() == []
    assert not (checkout.folder / "env").exists()
    assert checkout.run("status").returncode == 1


def test_a_process_that_is_killed_is_started_again(checkout: Checkout) -> None:
    assert checkout.run("up").returncode == 0
    before = checkout.state().processes["relay"]
    os.kill(before.pid, signal.SIGKILL)
    assert wait_until(lambda: checkout.state().processes.get("relay", before) != before, 20)
    assert "relay has ended" in (checkout.folder / "logs/supervisor.log").read_text()


def test_nothing_is_left_when_the_supervisor_is_killed_and_the_next_up_works(checkout: Checkout) -> None:
    assert checkout.run("up").returncode == 0
    supervisor = checkout.state().supervisor
    assert supervisor
    assert len(checkout.leftovers()) > 5
    os.kill(supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: checkout.leftovers() == [], 20)
    ports = checkout.state().ports
    assert checkout.run("up").returncode == 0
    assert checkout.state().ports == ports


def test_without_the_model_the_reason_is_one_line_and_everything_else_starts(checkout: Checkout) -> None:
    outcome = checkout.run("up", FAILING_STEP="models")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "the stub was told to fail" in (checkout.folder / "logs/supervisor.log").read_text()
    assert checkout.run("status").returncode == 0


def test_a_step_that_fails_is_told_with_its_last_lines_and_everything_is_stopped(checkout: Checkout) -> None:
    outcome = checkout.run("up", FAILING_STEP="migrate")
    assert outcome.returncode == 1
    assert "migrate failed with exit code 1" in outcome.stdout
    assert "the stub was told to fail" in outcome.stdout
    assert checkout.leftovers() == []
