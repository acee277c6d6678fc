import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devstack.cache import obtain


def build(folder: Path) -> None:
    (folder / "bin").mkdir()
    program = folder / "bin/server"
    program.touch(mode=0o700)


def test_what_is_there_is_not_built_again(tmp_path: Path) -> None:
    first = obtain(tmp_path / "kafka", build)
    assert obtain(tmp_path / "kafka", lambda _: pytest.fail("built twice")) == first
    assert (first / "bin/server").exists()


def test_a_half_built_thing_never_counts(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        build(folder)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        obtain(tmp_path / "kafka", fail)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_what_a_killed_builder_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".kafka-abandoned").mkdir()
    obtain(tmp_path / "kafka", build)
    assert not (tmp_path / ".kafka-abandoned").exists()


def test_two_stacks_that_start_together_build_once(tmp_path: Path) -> None:
    built: list[Path] = []
    both = threading.Barrier(2)

    def once(folder: Path) -> None:
        built.append(folder)
        build(folder)

    def ask() -> Path:
        both.wait(5)
        return obtain(tmp_path / "kafka", once)

    with ThreadPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(ask) for _ in range(2)]]
    assert results == [tmp_path / "kafka"] * 2
    assert len(built) == 1


def test_another_account_may_read_and_run_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = obtain(tmp_path / "kafka", build)
    finally:
        os.umask(before)
    assert (folder / "bin/server").stat().st_mode & 0o777 == 0o755
    assert folder.stat().st_mode & 0o777 == 0o755
