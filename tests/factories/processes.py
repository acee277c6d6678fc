"""Real `aisle` processes for tests: started with an environment, killed or stopped, never left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TypeVar

Value = TypeVar("Value")

AISLE = Path(sys.executable).parent / "aisle"
STOP_SECONDS = 15


def eventually(probe: Callable[[], Value], seconds: float = 15.0, pause: float = 0.02) -> Value:
    """Give the first truthy value of the probe; fails the test when there is none within the bound.

    A probe that fails itself (a 503 of a server that is just coming back) has not succeeded yet, no more.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            value = probe()
        except AssertionError:
            if time.monotonic() > end:
                raise
        else:
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"still {value!r} after {seconds} s")
        time.sleep(pause)


def free_port() -> int:
    """Pick a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_aisle(environment: Mapping[str, str], *arguments: str) -> str:
    """Run one command to its end and give what it printed; fails the test when it exits other than 0."""
    done = subprocess.run(  # noqa: S603 - our own command
        [AISLE, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"aisle {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


class AisleProcess:
    """One long-running `aisle` command; `start` again after `kill` or `stop` restarts it."""

    def __init__(self, environment: Mapping[str, str], log_folder: Path, *arguments: str) -> None:
        self.arguments = arguments
        self.log = log_folder / f"{'-'.join(arguments[:2])}.log"
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self) -> None:
        """Start it in the background; its output goes to `log`."""
        self._output = self.log.open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [AISLE, *self.arguments], env=self._environment, stdout=self._output, stderr=self._output
        )

    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill it without warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end and wait; gives its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None or self._output is None:
            return 0
        self._process.send_signal(how)
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._output.close()
        self._process = None
        return code
