"""What has been fetched once is kept; two stacks that start at the same time fetch once.

Called by each server's recipe. A thing is complete exactly when its folder has its final name: it is built
under another name beside it and renamed as the last step.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def obtain(target: Path, build: Callable[[Path], None]) -> Path:
    """Return the folder `target`, building it first when it is absent.

    `build` is given an empty folder to fill. Blocks while another process builds the same thing. Whatever
    `build` raises is passed on, and nothing is kept.
    """
    if target.is_dir():
        return target
    with exclusive(target.with_name(f".{target.name}.lock")):
        if not target.is_dir():
            _build(target, build)
    return target


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a lock file; blocks until whoever holds it lets go or ends."""
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _build(target: Path, build: Callable[[Path], None]) -> None:
    prefix = f".{target.name}-"
    for abandoned in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)  # we hold the lock, so its builder was killed
    workshop = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        build(workshop)
        _make_readable(workshop)
        workshop.rename(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _make_readable(folder: Path) -> None:
    """Let the servers' account read it, whatever the umask and the archive say."""
    readable = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        may_run = path.is_dir() or mode & stat.S_IXUSR
        enter = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH if may_run else 0
        path.chmod(mode | readable | enter)
