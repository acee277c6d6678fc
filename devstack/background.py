"""`up`, `down`, `reset` and `status`: the stack of a checkout behind the terminal's back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import stack as stacks
from devstack.failure import DevstackError, last_lines
from devstack.lock import FolderLock
from devstack.processes import Identity, send, wait_until
from devstack.servers.recipe import Profile
from devstack.stack import Stack
from devstack.state import State, StateFile, clean_up
from devstack.supervisor import answers

UP_SECONDS = 900.0
DOWN_SECONDS = 60.0
GUARDIAN_SECONDS = 20.0


def up(folder: Path) -> None:
    """Start the stack in the background; blocks until the API is ready.

    Raises `DevstackError` with what the supervisor said when it gave up; then nothing is left running.
    """
    state = StateFile(folder).read()
    if state.phase == "ready" and _supervised(state):
        print(f"The stack is up already: {state.exported.get('API_URL', '')}")
        return
    stacks.prepare(stacks.needed_servers(folder))  # in the foreground, so that its progress is seen
    log = folder / "logs/supervisor.log"
    supervisor = _start_supervisor(log)
    try:
        _wait_until_ready(folder, supervisor, log)
    except BaseException:
        supervisor.terminate()
        supervisor.wait(DOWN_SECONDS)
        raise
    address = StateFile(folder).read().exported["API_URL"]
    print(f"The stack is up: {address} (all addresses are in {folder / 'env'}).")


def down(folder: Path) -> None:
    """Stop the stack of a checkout; blocks until everything it started is gone. Data stays."""
    file = StateFile(folder)
    state = file.read()
    if state.supervisor and state.supervisor.is_running():
        _stop_supervisor(state, state.supervisor)
        print("The stack is stopped.")
    elif left := _clean_up(folder):
        print(f"The supervisor was gone; stopped what it left: {', '.join(left)}.")
    else:
        print("The stack is not running.")
    (folder / "env").unlink(missing_ok=True)


def reset(folder: Path) -> None:
    """Stop the stack and drop its data and logs."""
    down(folder)
    if folder.is_dir():
        with _nobody_starting(folder):
            Stack(folder, profile=Profile.UP).drop()
    print("Its data is dropped.")


def status(folder: Path) -> bool:
    """Print what runs; returns whether the stack is up and ready."""
    state = StateFile(folder).read()
    running = {name: process.pid for name, process in state.processes.items() if process.is_running()}
    api = state.exported.get("API_URL", "")
    ready = bool(running and api and state.phase == "ready" and answers(f"{api}/health/ready"))
    print(f"{'ready' if ready else state.phase if _supervised(state) else 'stopped'}  {api if ready else ''}")
    for name in state.processes:
        print(f"  {name:22} {running.get(name, 'ended')}")
    return ready


def _clean_up(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with _nobody_starting(folder):
        return clean_up(StateFile(folder))


@contextmanager
def _nobody_starting(folder: Path) -> Iterator[None]:
    lock = FolderLock(folder)
    if not lock.acquire():
        raise DevstackError("The stack is being started or stopped by somebody else; try again in a moment.")
    try:
        yield
    finally:
        lock.release()


def _supervised(state: State) -> bool:
    return state.supervisor is not None and state.supervisor.is_running()


def _start_supervisor(log: Path) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "devstack", "supervise"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
            start_new_session=True,
        )


def _wait_until_ready(folder: Path, supervisor: "subprocess.Popen[bytes]", log: Path) -> None:
    shown: list[str] = []

    def settled() -> bool:
        for line in last_lines(log, 1000)[len(shown) :]:
            shown.append(line)
            print(line, flush=True)
        state = StateFile(folder).read()
        ready = state.phase == "ready" and state.supervisor == Identity.of(supervisor.pid)
        return ready or supervisor.poll() is not None

    if not wait_until(settled, UP_SECONDS, pause=0.1):
        raise DevstackError(f"The stack was not up after {UP_SECONDS:.0f} s; see {log}.")
    settled()
    if supervisor.poll() is not None:
        raise DevstackError("The stack did not come up; nothing of it is left running.")


def _stop_supervisor(state: State, supervisor: Identity) -> None:
    send(supervisor, signal.SIGTERM)
    if not wait_until(lambda: not supervisor.is_running(), DOWN_SECONDS):
        send(supervisor, signal.SIGKILL)  # the guardian ends the rest
    if not wait_until(lambda: not any(one.is_running() for one in state.processes.values()), GUARDIAN_SECONDS):
        raise DevstackError("Something of the stack is still running; see `python -m devstack status`.")
