"""What the stack must know of a server; each module of this package holds one `Recipe`."""

import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from devstack.account import Account
from devstack.packages import SystemPackage


class Profile(StrEnum):
    """`UP` keeps data through a crash; `TEST` trades that for speed, its data is dropped anyway."""

    UP = "up"
    TEST = "test"


@dataclass(frozen=True)
class Toolbox:
    """What recipes take from this machine."""

    cache: Path
    account: Account
    environment: Mapping[str, str]
    java: Path | None = None

    def java_program(self) -> str:
        """Name the java program; only recipes that ask for Java may call it."""
        if self.java is None:
            raise RuntimeError("the recipe does not list JAVA among its packages")
        return str(self.java / "bin/java")


@dataclass(frozen=True)
class Site:
    """One server of one stack: its software, its own folder, its ports."""

    home: Path
    folder: Path
    ports: Mapping[str, int]
    profile: Profile
    tools: Toolbox

    def subfolder(self, name: str) -> Path:
        """Create a folder that the servers' account may write, unless it exists."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        self.tools.account.own(folder)
        return folder

    def write(self, name: str, text: str) -> Path:
        """Write a small file which only the servers' account and root may read."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(text)
        self.tools.account.own(file)
        return file


@dataclass(frozen=True)
class Launch:
    """How a server's process is started."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Recipe(ABC):
    """A server: how to obtain, set up, start and probe it. Stateless; all state is in the `Site`."""

    name: str
    variable: str
    """The environment variable which says that such a server is offered already."""
    ports: tuple[str, ...]
    packages: tuple[SystemPackage, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    crash_signal: signal.Signals = signal.SIGKILL
    """Ends it at once, where its data is dropped anyway."""
    start_seconds: float = 120.0
    switches_account: bool = True

    @abstractmethod
    def obtain(self, tools: Toolbox) -> Path:
        """Return the folder of its software, fetching it first if need be. May block for minutes."""

    @abstractmethod
    def set_up(self, site: Site) -> None:
        """Write its configuration and, the first time, create its data. Blocks; raises `ServerError`."""

    @abstractmethod
    def launch(self, site: Site) -> Launch:
        """Say how it is started."""

    @abstractmethod
    def is_ready(self, site: Site) -> bool:
        """Whether it answers now. Blocks for about a second at most and raises nothing."""

    @abstractmethod
    def exports(self, site: Site) -> dict[str, str]:
        """Name the environment variables through which it is reached."""


def exchange(port: int, request: bytes, size: int = 4096) -> bytes:
    """Send a request to a port of this machine; return the first piece of the answer, empty if none comes."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(request)
            return connection.recv(size)
    except OSError:
        return b""
