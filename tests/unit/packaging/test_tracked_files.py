"""No tracked file holds what belongs to one machine: its paths, its package indexes, a lock file full of addresses."""

import re
from pathlib import Path

import pytest

# Put together here, so that this file does not hold what it looks for.
FOLDERS = ("work", "root", "home", "Users", "tmp/prep")
MACHINE_PATHS = re.compile(r"(?<![\w.~*}-])/(" + "|".join(FOLDERS) + r")/[\w.-]")
INDEX_NAMES = (
    "py" + "pi.org",
    "python" + "hosted",
    "repo1" + ".maven",
    "maven" + ".org",
    "registry.npm" + "js",
    "sum.golang" + ".org",
)
INDEX_OPTIONS = re.compile(
    "|".join(("--(extra-)?index" + "-url", "--find" + "-links", "--trusted" + "-host", "PIP_" + "INDEX"))
)
BINARY = {".png", ".ico", ".gz", ".woff2", ".jpg", ".ttf"}


def texts(files: list[Path]) -> list[tuple[Path, str]]:
    return [(path, path.read_text(encoding="utf-8")) for path in files if path.suffix not in BINARY]


def test_no_file_names_a_path_of_one_machine(tracked_files: list[Path]) -> None:
    assert [
        (str(path), hit.group()) for path, text in texts(tracked_files) if (hit := MACHINE_PATHS.search(text))
    ] == []


@pytest.mark.parametrize("name", INDEX_NAMES)
def test_no_file_names_a_package_index(tracked_files: list[Path], name: str) -> None:
    assert [str(path) for path, text in texts(tracked_files) if name in text] == []


def test_no_file_sets_a_package_index(tracked_files: list[Path]) -> None:
    assert [str(path) for path, text in texts(tracked_files) if INDEX_OPTIONS.search(text)] == []


def test_no_lock_file_with_addresses_is_tracked(tracked_files: list[Path]) -> None:
    assert [str(path) for path in tracked_files if path.name == "uv" + ".lock"] == []


def test_no_secret_file_is_tracked(tracked_files: list[Path], repository: Path) -> None:
    relative = [path.relative_to(repository) for path in tracked_files]
    assert not [path for path in relative if path.name == ".env" or path.parts[0] == "secrets"]
