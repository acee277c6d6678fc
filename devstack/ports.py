"""Ports for the servers of one stack: free, below the range of outgoing connections, and leased.

A lease is a locked file: two stacks that choose at the same time, before either server listens, cannot
choose the same port. The kernel frees the lock with the process, so no lease outlives its stack.
"""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

from devstack.failure import NoPortError

LOWEST, HIGHEST = 15_000, 30_000  # Linux takes outgoing ports from 32768 upwards


class PortLeases:
    """The ports one stack holds; `release` or the end of the process gives them back."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"aisle-ports-{os.getuid()}"
        self._held: dict[int, int] = {}

    def take(self, preferred: int | None = None) -> int:
        """Lease a port, the preferred one if it is free; raises `NoPortError` when none is."""
        for port in self._candidates(preferred):
            if self._lock(port):
                if is_free(port):
                    return port
                self._unlock(port)
        raise NoPortError

    def release(self) -> None:
        """Give all of them back."""
        for port in list(self._held):
            self._unlock(port)

    def _candidates(self, preferred: int | None) -> Iterable[int]:
        shuffled = random.sample(range(LOWEST, HIGHEST), 500)
        return [*([preferred] if preferred else []), *shuffled]

    def _lock(self, port: int) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._held[port] = handle
        return True

    def _unlock(self, port: int) -> None:
        os.close(self._held.pop(port))


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
