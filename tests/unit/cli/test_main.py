"""What a person sees of a wrong setting, a refused input and a command that does not exist."""

import sys

import click
import pytest

from cli import main as command_line
from cli.commands import COMMANDS
from order_service.errors import FieldFault, InvalidInput
from schemas.environment import SettingsError


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `aisle` in this process and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["aisle", *arguments])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return int(ended.value.code or 0)


def raising(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make `aisle migrate` fail so."""

    @click.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr("cli.migrate.migrate", fail)


def test_help_lists_every_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


def test_an_unknown_command_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "fly") == 2
    assert "fly" in capsys.readouterr().err


def test_wrong_settings_are_told_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, SettingsError({"DATABASE_URL": "is not set", "SHOP_CURRENCY": "expected a code"}))
    assert run(monkeypatch, "migrate") == 2
    assert capsys.readouterr().err.splitlines() == ["DATABASE_URL: is not set", "SHOP_CURRENCY: expected a code"]


def test_a_refused_input_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, InvalidInput([FieldFault("email", "is already used")]))
    assert run(monkeypatch, "migrate") == 1
    assert capsys.readouterr().err == "email: is already used\n"


def test_a_table_entry_that_is_no_command_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "migrate", "cli.commands:COMMANDS")
    monkeypatch.setattr(sys, "argv", ["aisle", "migrate"])
    with pytest.raises(TypeError):
        command_line.main()
