# ruff: noqa: S603, S607 (real child processes are what is tested)
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.processes import OWNER_VARIABLE, Identity, wait_until
from devstack.state import State, StateFile, clean_up, environment_file


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def remember(folder: Path, name: str, process: Identity) -> StateFile:
    file = StateFile(folder)
    file.change(lambda state: state.processes.update({name: process}))
    return file


def test_what_is_changed_is_read_back_by_another_process_of_the_same_folder(tmp_path: Path) -> None:
    StateFile(tmp_path).change(lambda state: state.ports.update({"api": 20_000}))
    assert StateFile(tmp_path).read().ports == {"api": 20_000}


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    StateFile(tmp_path).secret("staff_password")
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    first = StateFile(tmp_path).secret("staff_password")
    assert StateFile(tmp_path).secret("staff_password") == first != StateFile(tmp_path).secret("secret_key")


def test_an_unreadable_file_is_an_empty_memory(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{half")
    assert StateFile(tmp_path).read() == State()


def test_what_a_crash_left_is_killed_and_named(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    identity = Identity.of(sleeper.pid)
    assert identity
    file = remember(tmp_path, "kafka", identity)
    assert clean_up(file) == ["kafka"]
    assert sleeper.wait(5) == -9
    assert file.read().processes == {}


def test_a_stranger_with_a_recycled_pid_is_left_alone(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    actual = Identity.of(sleeper.pid)
    assert actual
    file = remember(tmp_path, "kafka", Identity(actual.pid, actual.started - 1))
    assert clean_up(file) == []
    assert actual.is_running()


def test_what_carries_the_mark_of_the_crashed_run_is_killed_although_nobody_wrote_it_down(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    owner = f"test-{tmp_path}"
    file.change(lambda state: setattr(state, "owner", owner))
    with subprocess.Popen(["sleep", "600"], env={OWNER_VARIABLE: owner, "PATH": "/usr/bin:/bin"}) as unknown:
        assert wait_until(lambda: is_program(unknown.pid, "sleep"), 5)
        clean_up(file)
        assert unknown.wait(5) == -9


def is_program(pid: int, name: str) -> bool:
    return Path(f"/proc/{pid}/comm").read_text().strip() == name


@pytest.mark.parametrize("value", ["plain", "two words", "it's", 'say "hi"', "$HOME `id` \\", "line\nbreak", ""])
def test_a_shell_reads_back_exactly_what_the_environment_file_holds(tmp_path: Path, value: str) -> None:
    file = tmp_path / "env"
    file.write_text(environment_file({"STAFF_PASSWORD": value}))
    script = f'. "{file}"; printf %s "$STAFF_PASSWORD"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout.decode() == value
