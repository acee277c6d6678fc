"""docs/reference/cli.md against the tree of commands, both ways."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import aisle

REFERENCE = Path(__file__).resolve().parents[3] / "docs/reference/cli.md"
HEADING = re.compile(r"^## `(aisle [^`]+)`$", re.MULTILINE)
OPTION_ROW = re.compile(r"^\| `(--[a-z-]+)[^`]*` \|", re.MULTILINE)


def usage(path: tuple[str, ...], command: click.Command) -> str:
    """`aisle import products FILE`: the words of the command and its arguments."""
    arguments = [each.human_readable_name for each in command.params if isinstance(each, click.Argument)]
    return " ".join(("aisle", *path, *arguments))


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield usage(path, command), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None, name
        yield from leaves(found, (*path, name))


def sections() -> dict[str, str]:
    parts = HEADING.split(REFERENCE.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    return dict(leaves(aisle))


def test_every_command_has_a_section_and_every_section_a_command(commands: dict[str, click.Command]) -> None:
    assert set(sections()) == set(commands)


def test_every_option_has_a_row_and_every_row_an_option(commands: dict[str, click.Command]) -> None:
    listed = {name: set(OPTION_ROW.findall(text)) for name, text in sections().items()}
    real = {
        name: {each.opts[0] for each in command.params if isinstance(each, click.Option)}
        for name, command in commands.items()
    }
    assert listed == real


def test_every_command_says_what_it_does(commands: dict[str, click.Command]) -> None:
    assert [name for name, command in commands.items() if not command.help] == []
