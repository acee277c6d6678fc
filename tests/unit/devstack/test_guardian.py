# ruff: noqa: S603, S607 (real child processes are what is tested)
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.guardian import guard
from devstack.processes import Identity, wait_until

OWNER = """
import json, sys
from pathlib import Path
from devstack.keeper import Keeper, Order
from devstack.state import StateFile

folder = Path(sys.argv[1])
keeper = Keeper(StateFile(folder))
keeper.guardian.drop(folder / "data")
calm = keeper.start(Order("calm", ("sleep", "600"), {"PATH": "/usr/bin:/bin"}, log=folder / "log"))
deserter = keeper.start(
    Order("deserter", ("setsid", "sh", "-c", "sleep 600 & wait"), {"PATH": "/usr/bin:/bin"}, log=folder / "log")
)
print(json.dumps([calm.identity.pid, deserter.identity.pid]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    (tmp_path / "data").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def started(owner: "subprocess.Popen[str]") -> list[Identity]:
    assert owner.stdout
    found = [Identity.of(pid) for pid in json.loads(owner.stdout.readline())]
    return [identity for identity in found if identity]


def test_nothing_is_left_when_the_owner_is_killed(owner: "subprocess.Popen[str]", tmp_path: Path) -> None:
    servers = started(owner)
    assert len(servers) == 2
    os.kill(owner.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(server.is_running() for server in servers), 15)
    assert wait_until(lambda: not (tmp_path / "data").exists(), 15)


def test_what_was_forgotten_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        identity = Identity.of(process.pid)
        assert identity
        watched = f"watch {identity.pid} {identity.started} {int(signal.SIGTERM)}\n"
        guard("nobody", [watched, f"forget {identity.pid}\n"])
        assert identity.is_running()
        guard("nobody", [watched])
        assert process.wait(5) == -signal.SIGTERM
