"""A small process that outlives its stack's owner just long enough to end what the owner started.

The owner holds the write end of a pipe to the guardian's standard input. However the owner ends, kill -9
included, the kernel closes that end; the guardian reads end of file and ends every process it was told of,
then everything that carries the owner's mark, then removes the folders it was told to drop. (A parent-death
signal would not do: it fires when the *thread* that started a server ends, and is cleared when the server
changes its user.)

Lines it reads: `watch PID STARTED SIGNAL`, `forget PID`, `drop FOLDER`.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from devstack.processes import OWNER_VARIABLE, Identity, end, kill, marked

PATIENCE_SECONDS = 8.0


class Guardian:
    """The owner's side: starts the guardian process and tells it what to end."""

    def __init__(self, owner: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != OWNER_VARIABLE}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "devstack.guardian", owner],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a Ctrl-C at the terminal is not for it
        )
        self._lock = threading.Lock()  # servers are started from several threads

    def watch(self, target: Identity, number: int = signal.SIGTERM) -> None:
        """End this process with this signal when the owner is gone."""
        self._tell(f"watch {target.pid} {target.started} {int(number)}")

    def forget(self, target: Identity) -> None:
        """Leave this process alone: it has ended."""
        self._tell(f"forget {target.pid}")

    def drop(self, folder: Path) -> None:
        """Remove this folder when the owner is gone."""
        self._tell(f"drop {folder}")

    def is_running(self) -> bool:
        """Whether the guardian still watches."""
        return self._process.poll() is None

    def close(self) -> None:
        """Let it finish and wait for that (it ends whatever is still watched)."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _tell(self, line: str) -> None:
        pipe = self._process.stdin
        with self._lock, contextlib.suppress(BrokenPipeError, ValueError):
            if pipe:
                pipe.write(f"{line}\n".encode())
                pipe.flush()


class Charge:
    """The guardian's side: what it has been told so far."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._watched: dict[int, tuple[Identity, int]] = {}
        self._folders: list[Path] = []

    def note(self, line: str) -> None:
        """Take one line of the owner's."""
        verb, _, rest = line.strip().partition(" ")
        if verb == "watch":
            pid, started, number = map(int, rest.split())
            self._watched[pid] = (Identity(pid, started), number)
        elif verb == "forget":
            self._watched.pop(int(rest), None)
        elif verb == "drop":
            self._folders.append(Path(rest))

    def finish(self) -> None:
        """End all of it at the same time, gently first; blocks until it is gone."""
        threads = [
            threading.Thread(target=end, args=(target, number, PATIENCE_SECONDS))
            for target, number in self._watched.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kill(marked(self._owner))
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)


def guard(owner: str, lines: Iterable[str]) -> None:
    """Take lines until the owner is gone, then finish."""
    charge = Charge(owner)
    for line in lines:
        charge.note(line)
    charge.finish()


def main() -> None:
    """Run as `python -m devstack.guardian OWNER`; only the end of its input ends it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(sys.argv[1], sys.stdin)


if __name__ == "__main__":
    main()
