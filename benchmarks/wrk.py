"""Loads one address with wrk from many connections, each request under a key of its own; for the benchmarks of HTTP.

wrk costs little of the two processors that server and load share; it comes from the system's packages.
"""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from devstack.packages import SystemPackage, require

WRK = SystemPackage("wrk", ("wrk",))
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
P99 = re.compile(r"^\s+99%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
BAD = re.compile(r"^\s+(?:Non-2xx or 3xx responses: (\d+)|Socket errors: (.*))$", re.MULTILINE)
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: whole 2xx answers a second, and the time in which 99 of 100 came."""

    per_second: float
    p99_ms: float


def run_wrk(url: str, script: str, *, connections: int, seconds: int) -> Load:
    """Load `url` with the Lua script; raises RuntimeError when any answer was no 2xx or a connection broke.

    Installs wrk where that is allowed; raises PackageMissingError otherwise.
    """
    require([WRK], lambda package: shutil.which(package.packages[0]) is not None)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as written:
        written.write(script)
        written.flush()
        sizes = ["-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency", "--timeout", "10s"]
        command = ["wrk", *sizes, "-s", written.name, url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own list
    return read_report(told)


def read_report(told: str) -> Load:
    """Read wrk's report; raises RuntimeError when it tells of failures or of nothing."""
    bad, rate, slowest = BAD.search(told), RATE.search(told), P99.search(told)
    if bad or not rate or not slowest:
        raise RuntimeError(f"wrk: {told}")
    return Load(float(rate[1]), float(slowest[1]) * MILLISECONDS[slowest[2]])
