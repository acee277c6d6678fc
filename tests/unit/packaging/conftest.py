"""What the packaging tests read: the repository's files, the compose file and the tree of commands."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def compose() -> Mapping[str, Any]:
    """The compose file as a document, anchors and merges resolved."""
    document: Mapping[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def services(compose: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="session")
def processes(services: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """The services that run our own image."""
    return {name: service for name, service in services.items() if service["image"].startswith("aisle:")}


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Every file that is or is about to be under version control: what git ignores is left out."""
    trusted = ("-c", f"safe.directory={REPOSITORY}")  # a clone may belong to another account than ours
    listing = subprocess.run(  # noqa: S603 - constant arguments
        ["git", *trusted, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is taken from PATH
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    names = listing.stdout.decode().split("\0")
    return [path for name in names if name and (path := REPOSITORY / name).is_file()]
