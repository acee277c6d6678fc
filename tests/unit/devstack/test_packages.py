import os
import shutil

import pytest

from devstack import packages
from devstack.failure import PackageMissingError
from devstack.packages import JAVA, MAVEN, SystemPackage, require


def test_what_is_there_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_install", lambda _: pytest.fail("installed"))
    require([JAVA, MAVEN], lambda _: True)


def test_an_ordinary_user_is_told_the_command_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages, "_privilege", lambda: None)
    with pytest.raises(PackageMissingError) as failure:
        require([MAVEN], lambda _: False)
    sentence = "Maven is missing; install it with `sudo apt-get install -y maven` and run this again."
    assert str(failure.value) == sentence


def test_what_is_missing_is_installed_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    present: set[str] = set()
    monkeypatch.setattr(packages, "_install", lambda package: present.add(package.title))
    require([JAVA], lambda package: package.title in present)
    assert present == {"Java 17 or newer"}


def test_an_installation_that_did_not_help_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_install", lambda _: None)
    with pytest.raises(PackageMissingError):
        require([MAVEN], lambda _: False)


def test_the_next_package_is_tried_when_this_system_lacks_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], *, show: bool = True) -> bool:
        commands.append(command)
        return show and command[-1] == "second"

    monkeypatch.setattr(packages, "_run_quietly", run)
    monkeypatch.setattr(packages, "_privilege", lambda: ("sudo", "-n"))
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get")
    packages._update_lists.cache_clear()
    packages._install(SystemPackage("A tool", ("first", "second", "third")))
    assert [command[:3] + command[-1:] for command in commands] == [
        ["sudo", "-n", "apt-get", "-qq"],
        ["sudo", "-n", "apt-get", "first"],
        ["sudo", "-n", "apt-get", "second"],
    ]
