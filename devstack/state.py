"""What a stack remembers between runs: ports, secrets, and which processes are its own.

One JSON file in the stack's folder, readable by its owner only, written by the one process that holds the
stack's lock and read by `down` and `status`.
"""

import secrets
import shlex
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from devstack.processes import Identity, kill, marked

FILE = "state.json"
PRIVATE_MODE = 0o600


@dataclass
class State:
    """All that is remembered; every field has a default so that an older file still reads."""

    owner: str = ""
    """The mark of the run that wrote it last."""
    supervisor: Identity | None = None
    phase: str = "stopped"
    data: str = ""
    """The folder of the servers' data."""
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Identity] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    """The variables that name servers of the stack's own, as they were when it ran last."""
    exported: dict[str, str] = field(default_factory=dict)
    """What the environment file held last."""


class StateFile:
    """The file; every change is on disk when the method that made it returns."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def read(self) -> State:
        """Return what is remembered; a missing or unreadable file is an empty memory."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            return State()

    def change(self, alter: Callable[[State], None]) -> State:
        """Alter what is remembered."""
        with self._lock:
            state = self.read()
            alter(state)
            write_private(self._path, msgspec.json.format(msgspec.json.encode(state)))
            return state

    def secret(self, name: str) -> str:
        """Return this checkout's secret of that name, made the first time it is asked for."""

        def ensure(state: State) -> None:
            state.secrets.setdefault(name, secrets.token_urlsafe(32))

        return self.change(ensure).secrets[name]


def clean_up(file: StateFile) -> list[str]:
    """Kill what a run that crashed has left; returns the names of what still ran. Blocks until it is gone.

    Only processes whose start time is the remembered one are touched: a pid may have been handed out again.
    """
    state = file.read()
    left = {name: process for name, process in state.processes.items() if process.is_running()}
    kill(left.values())
    if state.owner:
        kill(marked(state.owner))

    def forget(state: State) -> None:
        state.processes.clear()
        state.supervisor = None
        state.phase = "stopped"

    file.change(forget)
    return sorted(left)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; nobody but its owner may read it at any moment."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=PRIVATE_MODE)
    part.write_bytes(content)
    part.rename(path)


def environment_file(values: Mapping[str, str]) -> str:
    """Write variables as lines that a shell reads back exactly."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
