"""One running server of a stack: start it, wait for it, stop it, or kill it as a crash would."""

import threading
from pathlib import Path

from devstack.failure import ServerError
from devstack.keeper import Child, Keeper, Order
from devstack.processes import wait_until
from devstack.servers.recipe import Profile, Recipe, Site

STOP_SECONDS = 20.0


class Server:
    """A server with its data and ports, which stay the same however often it is started."""

    def __init__(self, recipe: Recipe, site: Site, keeper: Keeper, log: Path) -> None:
        self._recipe = recipe
        self._site = site
        self._keeper = keeper
        self._child: Child | None = None
        self.name = recipe.name
        self.log = log

    @property
    def pid(self) -> int | None:
        """The process it was started as, `None` when it does not run."""
        return self._child.identity.pid if self._child and self.is_running() else None

    def is_running(self) -> bool:
        """Whether its process exists (it may not be ready yet)."""
        return self._child is not None and self._child.exit_code() is None

    def is_ready(self) -> bool:
        """Whether it answers."""
        return self.is_running() and self._recipe.is_ready(self._site)

    def start(self, cancelled: threading.Event | None = None) -> None:
        """Start it and block until it is ready; raises `ServerError` when it ends before or takes too long.

        Once `cancelled` is set it starts nothing and waits no more.
        """
        if self.is_running():
            return
        self._recipe.set_up(self._site)
        if cancelled and cancelled.is_set():
            return
        self.spawn()
        self._wait(cancelled or threading.Event())

    def spawn(self) -> None:
        """Start it without waiting; for a supervisor that looks after it anyway."""
        self.kill()  # what an earlier start may have left behind
        launch = self._recipe.launch(self._site)
        environment = {
            "PATH": self._site.tools.environment.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self._site.folder),
            "LANG": "C.UTF-8",
            **launch.environment,
        }
        order = Order(
            self.name,
            launch.argv,
            environment,
            folder=self._site.folder,
            log=self.log,
            account=self._site.tools.account if self._recipe.switches_account else None,
            stop_signal=self._recipe.stop_signal,
        )
        self._child = self._keeper.start(order)

    def stop(self) -> None:
        """Stop it; blocks until it is gone. Data that is dropped anyway is not written out first."""
        if self._child:
            hurried = self._site.profile is Profile.TEST
            number = self._recipe.crash_signal if hurried else self._recipe.stop_signal
            self._child.stop(number, STOP_SECONDS)

    def kill(self) -> None:
        """Kill it, children included, as a crash of the machine would; blocks until it is gone."""
        if self._child:
            self._child.kill()

    def exports(self) -> dict[str, str]:
        """Name the environment variables through which it is reached."""
        return self._recipe.exports(self._site)

    def _wait(self, cancelled: threading.Event) -> None:
        done = wait_until(
            lambda: cancelled.is_set() or not self.is_running() or self._recipe.is_ready(self._site),
            self._recipe.start_seconds,
            pause=0.05,
        )
        if cancelled.is_set():
            return
        if not self.is_running():
            raise ServerError(self.name, "ended before it was ready", self.log)
        if not done:
            raise ServerError(self.name, f"was not ready after {self._recipe.start_seconds:.0f} s", self.log)
