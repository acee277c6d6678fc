"""The requirements locks: every archive by hash, no addresses, one version of a package over all of them."""

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-models.lock", "requirements-build.lock")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(repository: Path, name: str) -> dict[str, str]:
    return dict(PINNED.findall((repository / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", LOCKS)
def test_holds_no_address(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    assert ":" + "//" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_has_hashes(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    unhashed = [block.splitlines()[0] for block in blocks if PINNED.match(block) and "--hash=sha256:" not in block]
    assert unhashed == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-models.lock", "requirements-build.lock"])
def test_development_has_the_same_versions(repository: Path, name: str) -> None:
    development = pins(repository, "requirements-dev.lock")
    assert {package: development.get(package) for package in pins(repository, name)} == pins(repository, name)


def test_every_dependency_is_locked(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^A-Za-z0-9_.-]", each)[0].lower() for each in project["dependencies"]}
    assert names <= set(pins(repository, "requirements.lock"))


def test_what_prepares_the_model_is_locked_beside_everything_that_runs(repository: Path) -> None:
    prepares, runs = pins(repository, "requirements-models.lock"), pins(repository, "requirements.lock")
    assert runs.items() <= prepares.items()
    assert {"onnx", "safetensors"} <= set(prepares) - set(runs)


def test_build_backend_is_locked(repository: Path) -> None:
    assert "hatchling" in pins(repository, "requirements-build.lock")
