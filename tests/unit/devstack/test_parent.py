# ruff: noqa: S603 (real processes are what is tested)
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstack.parent import has_dropped
from devstack.processes import Identity, wait_until

RECIPE = """
import signal, sys
from devstack.parent import ending_with_make

def interrupt(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, interrupt)
with ending_with_make():
    try:
        print("ready", flush=True)
        signal.pause()
    finally:
        print("stopping", flush=True)
"""
BOUND = 10.0

Interrupt = Callable[["subprocess.Popen[str]"], None]


@pytest.fixture
def make(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    (tmp_path / "recipe.py").write_text(RECIPE)
    (tmp_path / "Makefile").write_text(f"demo:\n\t@exec {sys.executable} recipe.py\n")
    ours = {name: value for name, value in os.environ.items() if name not in {"MAKELEVEL", "MAKEFLAGS", "MFLAGS"}}
    environment = {**ours, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    with subprocess.Popen(
        [program, "demo"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 (nothing here runs threads)
    ) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # or a test that fails would wait for it for ever


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored when the tests run behind a script's `&`


def only_make(number: signal.Signals) -> Interrupt:
    return lambda process: os.kill(process.pid, number)


def the_terminal(process: "subprocess.Popen[str]") -> None:
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("interrupt", [only_make(signal.SIGINT), only_make(signal.SIGTERM), the_terminal])
def test_an_interrupted_make_ends_once_its_recipe_has_stopped(
    make: "subprocess.Popen[str]", interrupt: Interrupt
) -> None:
    interrupt(make)
    output, _ = make.communicate(timeout=BOUND)
    assert output.count("stopping") == 1
    assert make.returncode < 0


def test_a_killed_make_leaves_no_recipe_behind(make: "subprocess.Popen[str]") -> None:
    recipe = Identity.of(int(Path(f"/proc/{make.pid}/task/{make.pid}/children").read_text()))
    assert recipe
    make.kill()
    assert wait_until(lambda: not recipe.is_running(), BOUND)


def test_another_parent_is_not_followed() -> None:
    script = "import threading, devstack.parent as p\nwith p.ending_with_make(): print(threading.active_count())"
    root = Path(__file__).resolve().parents[3]
    outcome = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert outcome.stdout == "1\n"


def test_a_dropped_handler_is_read_from_the_status() -> None:
    status = "Name:\tmake\nSigBlk:\t0000000000010002\nSigIgn:\t0000000000000000\nSigCgt:\t0000000001814205\n"
    assert not has_dropped(status, signal.SIGHUP)
    assert has_dropped(status, signal.SIGINT)
    assert not has_dropped(status.replace("SigIgn:\t0000000000000000", "SigIgn:\t0000000000000002"), signal.SIGINT)
    assert not has_dropped("", signal.SIGINT)
