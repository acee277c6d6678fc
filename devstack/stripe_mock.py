"""Stripe's official mock server, built from the Go module proxy into the cache; tests of payments start it.

It checks each request against Stripe's OpenAPI description and answers with canned objects; it keeps no state.
"""

import os
import shutil
import subprocess
from pathlib import Path

from devstack.account import server_account
from devstack.cache import obtain
from devstack.failure import FetchError
from devstack.packages import SystemPackage, require
from devstack.places import cache_folder

MODULE = "github.com/stripe/stripe-mock"
VERSION = "v0.180.0"
"""The newest that Debian 12's Go 1.19 compiles."""

GO = SystemPackage("Go 1.19 or newer", ("golang-go",))
BUILD_SECONDS = 300


def stripe_mock() -> Path:
    """Return the program; builds it (about 30 s) when it is not cached.

    Raises PackageMissingError without Go, FetchError with Go's last words.
    """
    folder = obtain(cache_folder(os.environ, server_account()) / f"stripe-mock-{VERSION}", _build)
    return folder / "stripe-mock"


def _build(folder: Path) -> None:
    require([GO], lambda _: shutil.which("go") is not None)
    outcome = subprocess.run(
        ["go", "install", f"{MODULE}@{VERSION}"],
        env={**os.environ, "GOBIN": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_SECONDS,
    )
    if outcome.returncode:
        raise FetchError(f"{MODULE} {VERSION}", f"Go said\n{outcome.stderr[-2000:]}")
