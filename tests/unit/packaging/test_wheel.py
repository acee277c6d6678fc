"""The wheel holds every package with everything it needs at run time, and nothing of tests or development."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

NOT_SHIPPED = {".pyc", ".log", ".md"}


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)  # noqa: S603 - built right here
    (built,) = folder.glob("aisle-*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def packages(repository: Path) -> list[str]:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return found


def test_holds_every_tracked_file_of_every_package(
    repository: Path, tracked_files: list[Path], packages: list[str], wheel: zipfile.ZipFile
) -> None:
    relative = [path.relative_to(repository) for path in tracked_files]
    shipped = {str(path) for path in relative if path.parts[0] in packages and path.suffix not in NOT_SHIPPED}
    assert shipped <= set(wheel.namelist())


def test_holds_migrations_and_templates(wheel: zipfile.ZipFile, packages: list[str]) -> None:
    names = wheel.namelist()
    assert "order_service/database/migrations/versions/0001_foundations.py" in names
    assert "order_service/database/migrations/env.py" in names
    assert [name for name in names if "/templates/" in name and name.endswith((".html", ".txt", ".j2"))]
    assert packages


def test_holds_nothing_else(wheel: zipfile.ZipFile, packages: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(packages)


def test_carries_licence_and_command(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
    assert "aisle = cli.main:main" in wheel.read(entry_points).decode()


def test_metadata_names_licence_python_and_dependencies(wheel: zipfile.ZipFile) -> None:
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    text = wheel.read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Python: >=3.11" in text
    assert "Requires-Dist: tornado" in text
