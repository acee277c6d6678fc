"""Starts processes so that none can be lost: each is marked, watched by the guardian and remembered.

One keeper a stack; servers and application processes alike are its children.
"""

import os
import secrets
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.account import Account
from devstack.guardian import Guardian
from devstack.processes import OWNER_VARIABLE, Identity, end, family, kill
from devstack.state import State, StateFile


@dataclass(frozen=True)
class Order:
    """A process to be started."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    log: Path | None = None
    """Where its output goes; without one it shares our terminal, Ctrl-C included."""
    account: Account | None = None
    """Who runs it, when that is not us."""
    stop_signal: signal.Signals = signal.SIGTERM


class Keeper:
    """Owns a run of a stack; when this process ends, however it ends, everything started here ends."""

    def __init__(self, state: StateFile) -> None:
        self._state = state
        self.owner = secrets.token_hex(16)
        self.guardian = Guardian(self.owner)
        self._watched: dict[Identity, signal.Signals] = {}
        state.change(self._sign)

    def start(self, order: Order) -> "Child":
        """Start a process; does not wait for it."""
        output = order.log.open("ab") if order.log else None
        try:
            process = _spawn(
                order, {**order.environment, OWNER_VARIABLE: self.owner}, output.fileno() if output else None
            )
        finally:
            if output:
                output.close()
        identity = Identity.of(process.pid) or Identity(process.pid, 0)
        self._watched[identity] = order.stop_signal
        self.guardian.watch(identity, order.stop_signal)
        self._state.change(lambda state: state.processes.update({order.name: identity}))
        return Child(self, order, process, identity)

    def forget(self, order: Order, identity: Identity) -> None:
        """Take note that a child has ended."""
        self._watched.pop(identity, None)
        self.guardian.forget(identity)
        self._state.change(lambda state: _remove(state, order.name, identity))

    def replace_guardian(self) -> None:
        """Start another guardian if somebody has killed it."""
        if not self.guardian.is_running():
            self.guardian = Guardian(self.owner)
            for identity, number in list(self._watched.items()):
                self.guardian.watch(identity, number)

    def close(self) -> None:
        """End whatever has not been stopped and the guardian itself; blocks until that is done."""
        self._state.change(lambda state: state.processes.clear())
        self.guardian.close()  # last: it drops folders, the one of the state file among them

    def _sign(self, state: State) -> None:
        state.owner = self.owner
        state.processes.clear()


class Child:
    """A started process."""

    def __init__(self, keeper: Keeper, order: Order, process: "subprocess.Popen[bytes]", identity: Identity) -> None:
        self._keeper = keeper
        self._process = process
        self.order = order
        self.identity = identity

    def exit_code(self) -> int | None:
        """Return how it ended, `None` while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Block until it ends and return its exit code."""
        code = self._process.wait()
        self._keeper.forget(self.order, self.identity)
        return code

    def send(self, number: signal.Signals) -> None:
        """Signal it unless it has ended."""
        self._process.send_signal(number)

    def stop(self, number: signal.Signals | None = None, bound: float = 20.0) -> bool:
        """Ask it to end; kill it and what it started after `bound` seconds. Says if asking sufficed."""
        gentle = end(self.identity, number or self.order.stop_signal, bound)
        self.wait()
        return gentle

    def kill(self) -> None:
        """Kill it and all it started, as a crash of the machine would; blocks until they are gone."""
        kill(family(self.identity))
        self.wait()


def _spawn(order: Order, environment: Mapping[str, str], output: int | None) -> "subprocess.Popen[bytes]":
    account = order.account if order.account and order.account.switched else None
    return subprocess.Popen(
        order.argv,
        stdin=subprocess.DEVNULL if output is not None else None,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment),
        cwd=order.folder or os.curdir,
        start_new_session=output is not None,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _remove(state: State, name: str, identity: Identity) -> None:
    if state.processes.get(name) == identity:
        del state.processes[name]
