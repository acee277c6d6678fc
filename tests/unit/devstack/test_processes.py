# ruff: noqa: S603, S607 (real child processes are what is tested)
import os
import signal
import subprocess
import sys

from devstack.processes import Identity, end, family, wait_until

PARENT = """
import subprocess, sys
subprocess.Popen(["sleep", "600"])
subprocess.Popen(["sleep", "600"], start_new_session=True)
print("ready", flush=True)
sys.stdin.read()
"""
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


def start(script: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def identity(pid: int) -> Identity:
    found = Identity.of(pid)
    assert found
    return found


def test_a_family_holds_children_that_left_the_group_too() -> None:
    with start(PARENT) as parent:
        relatives = family(identity(parent.pid))
        assert len(relatives) == 3
        end(identity(parent.pid), signal.SIGKILL)
        assert not any(relative.is_running() for relative in relatives)


def test_a_family_outlives_its_leader_as_a_group() -> None:
    with start(PARENT) as parent:
        leader = identity(parent.pid)
        everybody = family(leader)
        parent.kill()
        parent.wait()
        assert len(family(leader)) == 1
        for relative in everybody[:]:
            end(relative, signal.SIGKILL)
    assert wait_until(lambda: not family(leader), 5)


def test_who_does_not_heed_the_request_is_killed_after_the_bound() -> None:
    with start(STUBBORN) as process:
        assert not end(identity(process.pid), signal.SIGTERM, bound=0.1)
        assert process.wait(5) == -signal.SIGKILL


def test_a_later_process_with_the_same_pid_has_another_identity() -> None:
    me = identity(os.getpid())
    assert me.is_running()
    assert not Identity(me.pid, me.started - 1).is_running()
    assert family(Identity(me.pid, me.started - 1)) == []


def test_a_zombie_does_not_run() -> None:
    with subprocess.Popen(["true"]) as process:
        found = identity(process.pid)
        assert wait_until(lambda: not found.is_running(), 5)
        assert process.returncode is None
