"""The `aisle` command itself: finds the module of a command group only when that group is asked for.

A process that relays events has no reason to import Tornado, and `aisle --help` answers at once.
"""

import sys
from importlib import import_module

import click

from cli.commands import COMMANDS
from order_service.errors import OrderServiceError
from schemas.environment import SettingsError


class LazyGroup(click.Group):
    """A group whose commands are named in `cli.commands` and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the module of the command; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their first sentences."""
        rows = [
            (name, command.get_short_help_str(limit=90))
            for name in COMMANDS
            if (command := self.get_command(ctx, name))
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup)
@click.version_option(package_name="aisle")
def aisle() -> None:
    """Product search and ordering: serve the API, move events, import and check data."""


def main() -> None:
    """Run the command; a wrong setting or a refused input is told in one line a fault, without a traceback."""
    try:
        aisle()
    except SettingsError as error:
        for name, expected in error.faults.items():
            click.echo(f"{name}: {expected}", err=True)
        sys.exit(2)
    except OrderServiceError as error:
        click.echo(str(error) or type(error).__name__, err=True)
        sys.exit(1)
