"""The import contracts of pyproject.toml hold for the code, and each of them really refuses what it is there for."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = [each["name"] for each in PROJECT["tool"]["importlinter"]["contracts"]]
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]

# The name of a contract begins with its number; each line is a module that breaks it.
VIOLATIONS = {
    "1": ("observability/probe.py", "import schemas.ids"),
    "2a": ("api/probe.py", "import search_indexer.index.mapping"),
    "2b": ("search_indexer/index/probe.py", "import order_service.orders.order"),
    "2c": ("messaging/probe.py", "import schemas.events.order_events"),
    "3a": ("schemas/probe.py", "import redis"),
    "3b": ("order_service/catalog/probe_kafka.py", "import aiokafka"),
    "3c": ("order_service/catalog/probe_search.py", "import elasticsearch"),
    "3d": ("cli/probe.py", "import tornado.web"),
    "3e": ("search_indexer/query/probe.py", "import sqlalchemy"),
    "3f": ("cli/probe_stack.py", "import devstack"),
    "4": ("order_service/database/probe.py", "import order_service.orders.order"),
}


def lint(folder: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    outcome = subprocess.run(  # noqa: S603 - constant arguments
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return outcome.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def verdicts(copy: Path) -> dict[str, bool]:
    """By contract's number, whether it refused the copy with all violations in it."""
    for path, line in VIOLATIONS.values():
        (copy / path).write_text(f"{line}\n", encoding="utf-8")
    output = lint(copy).partition("Broken contracts")[0].replace("\n", " ")
    return {name.split(".")[0]: f"{name} BROKEN" in output for name in CONTRACTS}


def test_the_code_keeps_every_contract() -> None:
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in lint(REPOSITORY)


def test_every_contract_has_its_violation_here() -> None:
    assert {name.split(".")[0] for name in CONTRACTS} == set(VIOLATIONS)


@pytest.mark.parametrize("number", VIOLATIONS)
def test_a_violation_is_refused(verdicts: dict[str, bool], number: str) -> None:
    assert verdicts[number]
