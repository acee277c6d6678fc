"""Brings the whole stack up (servers, preparation, processes) and keeps it up until it is told to stop.

`demo` runs it in the foreground, `up` as a process of its own.
"""

import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from devstack import application
from devstack.application import ApplicationPorts, Command
from devstack.failure import StepError
from devstack.keeper import Child, Order
from devstack.offers import offered_servers
from devstack.processes import OWNER_VARIABLE, wait_until
from devstack.restarts import Restarted
from devstack.servers.recipe import Profile
from devstack.stack import Stack
from devstack.state import State, environment_file, write_private

STEP_SECONDS = 600.0
READY_SECONDS = 120.0
LOOK_SECONDS = 0.5


class Supervisor:
    """One checkout's stack; `report` is told what happens."""

    def __init__(self, folder: Path, report: Callable[[str], None]) -> None:
        self._report = report
        self._stack = Stack(folder, profile=Profile.UP, offered=offered_servers(os.environ, folder))
        self._environment_file = folder / "env"
        self._program = application.aisle_program(os.environ)
        self._children: dict[str, Child] = {}
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.take_down()

    def bring_up(self) -> dict[str, str]:
        """Start everything; blocks until the API is ready, and returns what is exported.

        Raises `DevstackError` of any kind; what was started by then is stopped at the end of the context.
        """
        self._report("starting the servers")
        beside = {"postgres": self._prepare_database, "valkey": self._prepare_model}
        self._stack.start(beside)  # valkey is ready at once: the model is prepared while slower servers start
        started = {server.name for server in self._stack.servers()}
        for name, prepare in beside.items():
            if name not in started:
                prepare(threading.Event())  # the server is somebody else's, and ready
        return self._bring_application_up()

    def keep_up(self) -> None:
        """Start again whatever ends; blocks until an exception (a signal's) ends it."""
        watched = [
            Restarted(server.name, server.is_running, server.spawn, self._report) for server in self._stack.servers()
        ]
        watched += [self._watched(child.order) for child in self._children.values()]
        while True:
            for one in watched:
                one.look(time.monotonic())
            self._stack.keeper.replace_guardian()
            time.sleep(LOOK_SECONDS)

    def take_down(self) -> None:
        """Stop processes first, then the servers; blocks until all is gone. Does nothing when nothing runs."""
        if not self._stack.is_started():
            return
        self._report("stopping")
        self._stack.state.change(_stop)
        self._environment_file.unlink(missing_ok=True)
        for child in self._children.values():
            child.send(child.order.stop_signal)  # all drain at the same time
        for child in self._children.values():
            child.stop()
        self._stack.stop()

    def _prepare_database(self, cancelled: threading.Event) -> None:
        self._environment = self._process_environment()
        for step in application.database_preparation(seed=application.wants_seed(os.environ)):
            self._prepare(step, cancelled)

    def _prepare_model(self, cancelled: threading.Event) -> None:
        """Let a failure be one sentence: everything works without the model, by words alone."""
        try:
            self._prepare(application.MODEL_PREPARATION, cancelled, _inherited())
        except StepError as error:
            if not cancelled.is_set():
                self._report(error.lines[-1] if error.lines else f"{error.name} {error.reason}")

    def _process_environment(self) -> dict[str, str]:
        secret = self._stack.state.secret
        return application.process_environment(
            _inherited(), self._stack.environment(), secret("secret_key"), secret("staff_password")
        )

    def _bring_application_up(self) -> dict[str, str]:
        for step in application.INDEX_PREPARATION:
            self._prepare(step, threading.Event())
        ports = ApplicationPorts(self._stack.lease_port("api"), self._stack.lease_port("metrics"))
        self._start_processes(ports)
        password = self._stack.state.secret("staff_password")
        exported = application.exported(self._stack.environment(), ports, password)
        write_private(self._environment_file, environment_file(exported).encode())
        self._stack.state.change(lambda state: _export(state, exported))
        return exported

    def _prepare(self, step: Command, cancelled: threading.Event, environment: Mapping[str, str] | None = None) -> None:
        self._report(f"aisle {' '.join(step.arguments[:2])}")
        self._log(step.name).unlink(missing_ok=True)
        child = self._stack.keeper.start(self._order(step, environment))
        wait_until(lambda: child.exit_code() is not None or cancelled.is_set(), STEP_SECONDS, pause=0.05)
        if child.exit_code() is None:
            child.kill()
            raise StepError(step.name, f"took longer than {STEP_SECONDS:.0f} s", self._log(step.name))
        if code := child.wait():
            raise StepError(step.name, f"failed with exit code {code}", self._log(step.name))

    def _start_processes(self, ports: ApplicationPorts) -> None:
        self._report("starting the processes")
        for command in application.processes(ports):
            self._log(command.name).unlink(missing_ok=True)
            self._children[command.name] = self._stack.keeper.start(self._order(command))
        url = f"http://127.0.0.1:{ports.api}/health/ready"
        wait_until(lambda: bool(self._ended()) or answers(url), READY_SECONDS, pause=0.1)
        if ended := self._ended():
            raise StepError(ended[0], "ended instead of running", self._log(ended[0]))
        if not answers(url):
            raise StepError("api", f"was not ready after {READY_SECONDS:.0f} s", self._log("api"))

    def _ended(self) -> list[str]:
        return [name for name, child in self._children.items() if child.exit_code() is not None]

    def _watched(self, order: Order) -> Restarted:
        def is_running() -> bool:
            return self._children[order.name].exit_code() is None

        def start() -> None:
            self._children[order.name].kill()  # what it may have left behind
            self._children[order.name] = self._stack.keeper.start(order)

        return Restarted(order.name, is_running, start, self._report)

    def _order(self, command: Command, environment: Mapping[str, str] | None = None) -> Order:
        argv = (self._program, *command.arguments)
        given = {**(self._environment if environment is None else environment), **command.environment}
        return Order(command.name, argv, given, log=self._log(command.name))

    def _log(self, name: str) -> Path:
        return self._stack.logs / f"{name}.log"


def answers(url: str) -> bool:
    """Whether a URL of this machine answers with 200. Blocks for two seconds at most."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (an http URL of ours)
            return answer.status == 200  # type: ignore[no-any-return]  # noqa: PLR2004 (HTTP's OK)
    except (OSError, urllib.error.URLError):
        return False


def _inherited() -> dict[str, str]:
    """Give what every process inherits; the owner is that of the stack it belongs to."""
    return {name: value for name, value in os.environ.items() if name != OWNER_VARIABLE}


def _stop(state: State) -> None:
    state.phase = "stopping"


def _export(state: State, exported: dict[str, str]) -> None:
    state.exported = exported
    state.phase = "ready"
