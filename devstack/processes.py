"""What the kernel says about processes, and how they are ended; used by the guardian and every owner of one.

A process is named by its pid together with its start time, because the kernel hands pids out again: a signal
meant for a server that is gone must not reach a stranger. Linux only (`/proc`).
"""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OWNER_VARIABLE = "AISLE_DEVSTACK_OWNER"
"""Set in each process a stack starts, so that even one that left its group is found again."""

_STAT_FIELDS_AFTER_NAME = {"state": 0, "parent": 1, "group": 2, "started": 19}


@dataclass(frozen=True)
class ProcessStat:
    """One line of `/proc/PID/stat`, as far as it matters here."""

    pid: int
    state: str
    parent: int
    group: int
    started: int

    @property
    def running(self) -> bool:
        """Whether it still executes: a zombie only waits for its parent."""
        return self.state not in "ZX"


@dataclass(frozen=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Name the process that has this pid now."""
        stat = read_stat(pid)
        return cls(pid, stat.started) if stat else None

    def is_running(self) -> bool:
        """Whether this very process still executes."""
        stat = read_stat(self.pid)
        return stat is not None and stat.started == self.started and stat.running


def read_stat(pid: int) -> ProcessStat | None:
    """Read what the kernel knows of a pid; `None` when nobody has it."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name may hold spaces and parentheses
    return ProcessStat(
        pid,
        fields[_STAT_FIELDS_AFTER_NAME["state"]],
        *(int(fields[_STAT_FIELDS_AFTER_NAME[name]]) for name in ("parent", "group", "started")),
    )


def every_process() -> list[ProcessStat]:
    """Take one look at all processes."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [stat for pid in pids if (stat := read_stat(pid)) and stat.running]


def family(leader: Identity) -> list[Identity]:
    """Find a process, the members of its group and all their descendants, as far as they still run."""
    stats = every_process()
    by_pid = {stat.pid: stat for stat in stats}
    holder = by_pid.get(leader.pid)
    if holder and holder.started != leader.started:
        return []  # the pid belongs to somebody else now
    found = {stat.pid for stat in stats if leader.pid in {stat.pid, stat.group}}
    while born := {stat.pid for stat in stats if stat.parent in found} - found:
        found |= born
    return [Identity(pid, by_pid[pid].started) for pid in found]


def marked(owner: str) -> Iterator[Identity]:
    """Find what carries this owner's mark in its environment, as far as we may read it."""
    wanted = f"{OWNER_VARIABLE}={owner}".encode()
    for stat in every_process():
        try:
            environment = Path(f"/proc/{stat.pid}/environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0"):
            yield Identity(stat.pid, stat.started)


def send(target: Identity, number: int) -> None:
    """Signal a process unless it is gone."""
    if target.is_running():
        try:
            os.kill(target.pid, number)
        except (ProcessLookupError, PermissionError):
            return


def kill(targets: Iterable[Identity], bound: float = 10.0) -> bool:
    """Kill and wait, at most `bound` seconds, until none runs; say whether that came true."""
    doomed = list(targets)
    for target in doomed:
        send(target, signal.SIGKILL)
    return wait_until(lambda: not any(target.is_running() for target in doomed), bound)


def end(leader: Identity, number: int = signal.SIGTERM, bound: float = 10.0) -> bool:
    """Ask a process to end; kill it and whatever it leaves behind after `bound` seconds.

    Blocks until all are gone; returns whether asking sufficed.
    """
    relatives = family(leader)
    send(leader, number)
    gentle = wait_until(lambda: not leader.is_running(), bound)
    kill({*relatives, *family(leader)})
    return gentle


def wait_until(condition: Callable[[], bool], bound: float, pause: float = 0.02) -> bool:
    """Wait at most `bound` seconds for a condition; return whether it came true."""
    deadline = time.monotonic() + bound
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
