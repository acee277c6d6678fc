"""What runs the checks: continuous integration, the Makefile behind it, and the hooks before a commit."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CONTRACT_TARGETS = {"demo", "up", "down", "reset", "test", "test-full", "check", "bench", "help"}


@pytest.fixture(scope="module")
def makefile(repository: Path) -> str:
    return (repository / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hooks(repository: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in document["repos"]] == ["local"]
    found: list[dict[str, Any]] = document["repos"][0]["hooks"]
    return found


def test_ci_is_a_script_that_bash_understands(repository: Path) -> None:
    script = repository / ".ci/run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", str(script)], check=True)  # noqa: S603, S607 - our own script, bash from PATH


def test_ci_runs_the_checks_and_fails_when_they_do(repository: Path) -> None:
    text = (repository / ".ci/run").read_text(encoding="utf-8")
    assert "set -Eeuo pipefail" in text
    assert text.rstrip().endswith("exec make check")


def test_check_is_lint_types_imports_and_then_every_test(makefile: str) -> None:
    match = re.search(r"^check: ([a-z ]+) ##", makefile, re.MULTILINE)
    assert match is not None
    assert match[1].split() == ["lint", "types", "imports", "test"]


def test_makefile_has_every_promised_task_with_a_word_about_it(makefile: str) -> None:
    described = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert described >= CONTRACT_TARGETS


def test_hooks_fetch_nothing(hooks: list[dict[str, Any]]) -> None:
    assert {hook["language"] for hook in hooks} <= {"system", "fail"}
    assert not [hook["id"] for hook in hooks if "additional_dependencies" in hook]


def test_hooks_run_the_tools_of_the_environment(hooks: list[dict[str, Any]]) -> None:
    programs = {hook["entry"].split()[0] for hook in hooks if hook["language"] == "system"}
    assert programs == {".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/lint-imports"}
