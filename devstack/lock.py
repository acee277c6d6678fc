"""One supervisor a folder: the kernel frees the lock when its holder ends, however it ends."""

import fcntl
import os
from pathlib import Path


class FolderLock:
    """A locked file in a stack's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock; returns whether nobody else holds it. Does not block."""
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Give it back if we hold it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
