"""A set of servers that start and stop together; used by the commands and by tests of servers that fail.

with Stack(folder, servers=("postgres", "valkey")) as stack:
    run_something(env={**os.environ, **stack.environment()})
    stack["valkey"].kill()
    stack["valkey"].start()  # the same port and data
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import TracebackType
from typing import Self

from devstack.account import server_account
from devstack.failure import StackRunningError
from devstack.java import find_java
from devstack.keeper import Keeper
from devstack.lock import FolderLock
from devstack.offers import offered_servers
from devstack.packages import JAVA, require
from devstack.places import cache_folder, data_folder
from devstack.ports import PortLeases
from devstack.processes import Identity
from devstack.server import Server
from devstack.servers.elasticsearch import Elasticsearch
from devstack.servers.kafka import Kafka
from devstack.servers.mail_catcher import MailCatcher
from devstack.servers.postgres import Postgres
from devstack.servers.recipe import Profile, Recipe, Site, Toolbox
from devstack.servers.valkey import Valkey
from devstack.state import State, StateFile, clean_up

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe for recipe in (Elasticsearch(), Kafka(), Postgres(), Valkey(), MailCatcher())
}
EVERY_SERVER = tuple(RECIPES)

OnceReady = Callable[[threading.Event], None]
"""Is given an event; once that is set, the start has failed or been interrupted and it is to return soon."""


class Stack:
    """Servers with a folder of their own for state and logs; two stacks never share a folder, port or datum.

    `offered` holds what the environment offers already: a server whose variable it names is not started.
    """

    def __init__(
        self,
        folder: Path,
        servers: Iterable[str] = EVERY_SERVER,
        profile: str = Profile.TEST,
        offered: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.state = StateFile(self.folder)
        self.logs = self.folder / "logs"
        self._offered = dict(offered or {})
        self._recipes = [RECIPES[name] for name in servers if RECIPES[name].variable not in self._offered]
        self._profile = Profile(profile)
        self._servers: dict[str, Server] = {}
        self._leases = PortLeases()
        self._lock = FolderLock(self.folder)
        self._keeper: Keeper | None = None

    def __getitem__(self, name: str) -> Server:
        return self._servers[name]

    def servers(self) -> list[Server]:
        """List the servers it has started."""
        return list(self._servers.values())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def keeper(self) -> Keeper:
        """Whoever starts more processes beside the servers starts them through it."""
        if self._keeper is None:
            raise RuntimeError("the stack is not started")
        return self._keeper

    def is_started(self) -> bool:
        """Whether it has been started and not been stopped since."""
        return self._keeper is not None

    def start(self, once_ready: Mapping[str, OnceReady] | None = None) -> None:
        """Obtain and start all servers at the same time; blocks until every one is ready.

        What `once_ready` names is called as soon as that server is ready, in a thread of its own, while slower
        ones still start; `start` waits for it and passes on what it raises.

        Raises `StackRunningError` when the folder's stack runs already, `PackageMissingError`, `FetchError`
        or `ServerError`; whatever is raised, nothing is left running.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._lock.acquire():
            raise StackRunningError
        try:
            clean_up(self.state)
            self.state.change(_claim)
            self._keeper = Keeper(self.state)
            self._start_servers(toolbox(self._recipes), once_ready or {})
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop every server and what else the keeper started; blocks until all is gone. Safe to repeat."""
        with ThreadPoolExecutor(max_workers=len(self._servers) or 1) as pool:
            list(pool.map(Server.stop, self._servers.values()))
        if self._keeper:
            self.state.change(_disclaim)
            self._keeper.close()
            self._keeper = None
        self._servers.clear()
        self._leases.release()
        self._lock.release()

    def drop(self) -> None:
        """Remove the data and logs of a stopped stack; its ports and secrets stay the same."""
        if data := self.state.read().data:
            shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(self.logs, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """Name the variables through which the servers are reached, those offered from outside included."""
        return {**self._offered, **self._addresses()}

    def lease_port(self, purpose: str) -> int:
        """Take a port that is free now, the one this purpose had before if possible."""
        port = self._leases.take(self.state.read().ports.get(purpose))
        self.state.change(lambda state: state.ports.update({purpose: port}))
        return port

    def _start_servers(self, tools: Toolbox, once_ready: Mapping[str, OnceReady]) -> None:
        self.logs.mkdir(exist_ok=True)
        data = data_folder(self.folder, tools.account)
        self.state.change(lambda state: _remember_data(state, data))
        self._servers = {recipe.name: self._place(recipe, data, tools) for recipe in self._recipes}
        start_together(list(self._servers.values()), once_ready)
        self.state.change(lambda state: state.addresses.update(self._addresses()))

    def _addresses(self) -> dict[str, str]:
        return {name: value for server in self._servers.values() for name, value in server.exports().items()}

    def _place(self, recipe: Recipe, data: Path, tools: Toolbox) -> Server:
        folder = data / recipe.name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755 if recipe.switches_account else 0o700)
        if recipe.switches_account:
            tools.account.own(folder)
        ports = {port: self.lease_port(f"{recipe.name}.{port}") for port in recipe.ports}
        log = self.logs / f"{recipe.name}.log"
        log.unlink(missing_ok=True)
        site = Site(recipe.obtain(tools), folder, ports, self._profile, tools)
        return Server(recipe, site, self.keeper, log)


def toolbox(recipes: Iterable[Recipe]) -> Toolbox:
    """Look at this machine: who runs the servers, where the cache is, which Java there is."""
    account = server_account()
    java = None
    if any(JAVA in recipe.packages for recipe in recipes):
        require([JAVA], lambda _: find_java(os.environ, account) is not None)
        java = find_java(os.environ, account)
    return Toolbox(cache_folder(os.environ, account), account, os.environ, java)


def prepare(servers: Iterable[str] = EVERY_SERVER) -> None:
    """Bring everything these servers need onto this machine, and start nothing. May block for minutes."""
    recipes = [RECIPES[name] for name in servers]
    tools = toolbox(recipes)
    for recipe in recipes:
        recipe.obtain(tools)


def needed_servers(folder: Path) -> list[str]:
    """Name the servers which the environment does not offer already to the stack with this folder."""
    offered = offered_servers(os.environ, folder)
    return [name for name, recipe in RECIPES.items() if recipe.variable not in offered]


def start_together(servers: Sequence[Server], once_ready: Mapping[str, OnceReady]) -> None:
    """Start servers at the same time; raises the first error, once no thread starts anything any more."""
    cancelled = threading.Event()

    def start(server: Server) -> None:
        server.start(cancelled)
        if server.name in once_ready and not cancelled.is_set():
            once_ready[server.name](cancelled)

    with ThreadPoolExecutor(max_workers=len(servers) or 1) as pool:
        pending = [pool.submit(start, server) for server in servers]
        try:
            for future in as_completed(pending):
                future.result()
        except BaseException:
            cancelled.set()
            raise


def _claim(state: State) -> None:
    state.supervisor = Identity.of(os.getpid())
    state.phase = "starting"


def _disclaim(state: State) -> None:
    state.supervisor = None
    state.phase = "stopped"


def _remember_data(state: State, data: Path) -> None:
    state.data = str(data)
