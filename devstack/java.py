"""Finds the Java that Elasticsearch and Kafka run on: 17 or newer, and usable by the servers' account."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from devstack.account import Account

OLDEST = 17


def find_java(environment: Mapping[str, str], account: Account) -> Path | None:
    """Return the home of the first suitable Java of `JAVA_HOME`, `PATH` and `/usr/lib/jvm`."""
    for home in _candidates(environment):
        if account.can_reach(home / "bin") and (major_version(_version_text(home)) or 0) >= OLDEST:
            return home
    return None


def major_version(text: str) -> int | None:
    """Read the major version out of `java -version` or a `release` file: 8 for 1.8.0_392, 17 for 17.0.15."""
    match = re.search(r'(?:version |JAVA_VERSION=)"(?:1\.)?(\d+)', text)
    return int(match[1]) if match else None


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if chosen := environment.get("JAVA_HOME"):
        yield Path(chosen)
    if found := shutil.which("java", path=environment.get("PATH")):
        yield Path(found).resolve().parents[1]
    yield from sorted(Path("/usr/lib/jvm").glob("*"))


def _version_text(home: Path) -> str:
    release = home / "release"
    if not (home / "bin/java").exists():
        return ""
    if release.is_file():
        return release.read_text(errors="replace")
    outcome = subprocess.run([home / "bin/java", "-version"], capture_output=True, text=True, check=False)
    return outcome.stderr
