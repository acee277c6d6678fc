from pathlib import Path

import pytest

from devstack.account import Account
from devstack.java import find_java, major_version

OURSELVES = Account(uid=1000, gid=1000, switched=False)


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ('IMPLEMENTOR="Debian"\nJAVA_VERSION="21.0.7"\n', 21),
        ("bash: java: command not found", None),
    ],
)
def test_the_major_version_is_read_from_any_spelling(text: str, major: int | None) -> None:
    assert major_version(text) == major


def make_java(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").touch(mode=0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return home


def test_the_java_of_java_home_comes_first(tmp_path: Path) -> None:
    chosen = make_java(tmp_path / "chosen", "21.0.7")
    other = make_java(tmp_path / "other", "17.0.15")
    found = find_java({"JAVA_HOME": str(chosen), "PATH": str(other / "bin")}, OURSELVES)
    assert found == chosen


def test_one_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = make_java(tmp_path / "old", "11.0.2")
    usable = make_java(tmp_path / "usable", "17.0.15")
    found = find_java({"JAVA_HOME": str(old), "PATH": str(usable / "bin")}, OURSELVES)
    assert found == usable
