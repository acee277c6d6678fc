"""The Dockerfile without a Docker engine: what it copies exists and is sent, and what it runs is what we ship."""

import json
import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

INSTRUCTIONS = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


@pytest.fixture(scope="module")
def instructions(repository: Path) -> list[tuple[str, str]]:
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    pairs = (line.partition(" ") for line in joined)
    return [(keyword, rest.strip()) for keyword, _, rest in pairs]


@pytest.fixture(scope="module")
def copied(instructions: list[tuple[str, str]]) -> list[str]:
    sources: list[str] = []
    for keyword, rest in instructions:
        if keyword == "COPY" and not rest.startswith("--from="):
            sources += rest.split()[:-1]
    return sources


def test_holds_only_known_instructions(instructions: list[tuple[str, str]]) -> None:
    assert {keyword for keyword, _ in instructions} <= INSTRUCTIONS
    assert instructions[0][0] == "FROM"


def test_every_copied_path_exists(repository: Path, copied: list[str]) -> None:
    assert [source for source in copied if not (repository / source).exists()] == []


def test_every_copied_path_is_sent_to_the_builder_and_nothing_else_is(repository: Path, copied: list[str]) -> None:
    lines = (repository / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied)


def test_every_package_of_the_wheel_is_copied(repository: Path, copied: list[str]) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied)


def test_dependencies_are_installed_by_hash(instructions: list[tuple[str, str]]) -> None:
    installs = [rest for keyword, rest in instructions if keyword == "RUN" and "pip install" in rest]
    assert installs
    for each in installs:
        assert "--require-hashes" in each or ("--no-deps" in each and "--no-index" in each)


def test_ends_as_a_user_of_its_own_that_the_compose_file_names(
    instructions: list[tuple[str, str]], processes: Mapping[str, Mapping[str, Any]]
) -> None:
    user = [rest for keyword, rest in instructions if keyword == "USER"][-1]
    assert user not in {"root", "0", "0:0"}
    assert {service["user"] for service in processes.values()} == {user}


def test_the_model_is_prepared_in_the_image_and_found_there(instructions: list[tuple[str, str]]) -> None:
    prepares = [rest for keyword, rest in instructions if keyword == "RUN" and "aisle models prepare" in rest]
    [folder] = {match for rest in prepares for match in re.findall(r"MODEL_FOLDER=(\S+)", rest)}
    assert ("COPY", f"--from=build {folder} {folder}") in instructions
    assert [rest for keyword, rest in instructions if keyword == "ENV" and f"MODEL_FOLDER={folder} " in rest]


def test_runs_the_command_that_the_project_installs(repository: Path, instructions: list[tuple[str, str]]) -> None:
    scripts = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    entry = json.loads(dict(instructions)["ENTRYPOINT"])
    assert entry[0] in scripts


def test_python_is_one_that_the_project_supports(repository: Path, instructions: list[tuple[str, str]]) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stages = [rest.split()[0] for keyword, rest in instructions if keyword == "FROM"]
    assert len(set(stages)) == 1
    version = re.fullmatch(r"python:(\d+\.\d+)-slim-\w+", stages[0])
    assert version is not None
    assert project["requires-python"] == f">={version[1]}"


def test_secrets_and_local_state_are_not_sent_to_the_builder(repository: Path) -> None:
    rules = (repository / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    for path in (".env", "secrets/database_url", ".git/config", ".devstack/env", "tests/conftest.py"):
        assert not [rule for rule in let_in if fnmatch(path, rule) or path.startswith(f"{rule}/")]
