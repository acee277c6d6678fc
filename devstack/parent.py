"""Ends `demo` together with the `make` that runs it.

A Ctrl-C at the terminal reaches both. A SIGINT sent to make alone, by a script say, does not: make then waits
for its recipe, which knows of nothing. And a make that is killed leaves its recipe behind.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.processes import Identity

NAMES = ("make", "gmake")
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 1.0
"""How long a Ctrl-C that make has noticed may take to reach us by itself."""


@contextmanager
def ending_with_make() -> Iterator[None]:
    """Send ourselves SIGTERM when the make that started us has been interrupted or is gone."""
    make = Identity.of(os.getppid())
    if make is None or _read(make.pid, "comm").strip() not in NAMES:
        yield
        return
    over = threading.Event()
    follower = threading.Thread(target=_follow, args=(make, over), daemon=True)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()


def has_dropped(status: str, number: signal.Signals) -> bool:
    """Read out of `/proc/PID/status` whether the process neither handles nor ignores this signal.

    The first thing make does about a SIGINT is to drop its handler; started with SIGINT ignored it never has one.
    """
    masks = dict(line.split(":\t", 1) for line in status.splitlines() if line.startswith("Sig"))
    minded = int(masks.get("SigCgt", "0"), 16) | int(masks.get("SigIgn", "0"), 16)
    return "SigCgt" in masks and not minded >> (number - 1) & 1


def _follow(make: Identity, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        if make.is_running() and not has_dropped(_read(make.pid, "status"), signal.SIGINT):
            continue
        if not over.wait(PATIENCE_SECONDS):
            os.kill(os.getpid(), signal.SIGTERM)
        return


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
