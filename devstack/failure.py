"""The errors devstack raises; `devstack.__main__` prints each as it reads and exits with 1.

DevstackError
├── PackageMissingError   a system package is absent and may not be installed from here
├── FetchError            a download or its unpacking failed
├── ServerError           a server ended or did not become ready in time
├── StepError             a command that prepares the application failed
├── StackRunningError     the checkout's stack is already up
└── NoPortError           no free port was found
"""

from collections.abc import Sequence
from pathlib import Path

SHOWN_LINES = 25


class DevstackError(Exception):
    """Anything that keeps a stack from starting; its text is meant for the person at the terminal."""


class PackageMissingError(DevstackError):
    """A program that only the system's packages provide is absent."""

    def __init__(self, program: str, command: str) -> None:
        super().__init__(program, command)
        self.program = program
        self.command = command

    def __str__(self) -> str:
        return f"{self.program} is missing; install it with `{self.command}` and run this again."


class FetchError(DevstackError):
    """Something could not be brought into the cache."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason

    def __str__(self) -> str:
        return f"Could not fetch {self.what}: {self.reason}"


class _LoggedError(DevstackError):
    """A process failed whose log says why."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        super().__init__(name, reason, log)
        self.name = name
        self.reason = reason
        self.log = log
        self.lines = last_lines(log)

    def __str__(self) -> str:
        shown = "\n".join(f"    {line}" for line in self.lines)
        return f"{self.name} {self.reason}. The end of {self.log}:\n{shown}"


class ServerError(_LoggedError):
    """A server ended, or was not ready within its bound."""


class StepError(_LoggedError):
    """A command that prepares the application failed."""


class StackRunningError(DevstackError):
    """Another supervisor owns this checkout's stack."""

    def __str__(self) -> str:
        return "The stack of this checkout is already running; stop it with `make down`."


class NoPortError(DevstackError):
    """No port could be taken."""

    def __str__(self) -> str:
        return "No free port was found between 15000 and 30000 on 127.0.0.1."


def last_lines(log: Path, count: int = SHOWN_LINES) -> Sequence[str]:
    """Return the last lines of a log, none when there is no log."""
    try:
        text = log.read_bytes()[-64_000:].decode(errors="replace")
    except OSError:
        return ()
    return text.splitlines()[-count:]
