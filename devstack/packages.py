"""Programs only the system's packages provide: installed where that is allowed, else named in a sentence.

Called before anything is fetched or started. "Allowed" means Debian or Ubuntu, and root or a sudo without a
password.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devstack.failure import PackageMissingError


@dataclass(frozen=True)
class SystemPackage:
    """A program and the packages that bring it, the preferred one first."""

    title: str
    packages: tuple[str, ...]


JAVA = SystemPackage("Java 17 or newer", ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless"))
MAVEN = SystemPackage("Maven", ("maven",))


def require(needed: Sequence[SystemPackage], is_there: Callable[[SystemPackage], bool]) -> None:
    """Install what is not there; raises `PackageMissingError` when that is not allowed or did not help.

    Blocks for as long as apt-get takes.
    """
    for package in needed:
        if not is_there(package):
            _install(package)
            if not is_there(package):
                raise missing(package)


def missing(package: SystemPackage) -> PackageMissingError:
    """Say which command installs a package."""
    prefix = "" if os.geteuid() == 0 else "sudo "
    return PackageMissingError(package.title, f"{prefix}apt-get install -y {package.packages[0]}")


def _install(package: SystemPackage) -> None:
    prefix = _privilege()
    if prefix is None or not shutil.which("apt-get"):
        raise missing(package)
    _update_lists(prefix)
    print(f"Installing {package.title} with apt-get ...", flush=True)
    for name in package.packages:
        if _run_quietly([*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", name]):
            return


def _privilege() -> tuple[str, ...] | None:
    """How a command runs as root: with no prefix, with sudo, or not at all."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") and _run_quietly(["sudo", "-n", "true"], show=False):
        return ("sudo", "-n")
    return None


@functools.cache
def _update_lists(prefix: tuple[str, ...]) -> None:
    print("Reading the package lists ...", flush=True)
    _run_quietly([*prefix, "apt-get", "update", "-qq"])


def _run_quietly(command: list[str], *, show: bool = True) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    outcome = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if outcome.returncode and show:
        print("\n".join(f"    {line}" for line in outcome.stdout.splitlines()[-5:]), flush=True)
    return outcome.returncode == 0
