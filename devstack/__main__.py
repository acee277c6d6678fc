"""The commands behind the Makefile: `python -m devstack COMMAND`."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import click

from devstack import background
from devstack import stack as stacks
from devstack.failure import DevstackError
from devstack.parent import ending_with_make
from devstack.places import stack_folder
from devstack.run import run_with_servers
from devstack.servers.recipe import Profile
from devstack.supervisor import Supervisor

INTERRUPTED = 130
"""The exit code of a shell's command that Ctrl-C ended."""


@click.group()
def commands() -> None:
    """Start Aisle's real servers and processes on this machine, without Docker."""


@commands.command()
def demo() -> None:
    """Start everything, print where it is, and stop it at Ctrl-C."""
    with Supervisor(_folder(), _say) as supervisor, ending_with_make():
        _welcome(supervisor.bring_up())
        supervisor.keep_up()


@commands.command()
def up() -> None:
    """Start everything in the background; returns once the API is ready."""
    background.up(_folder())


@commands.command(hidden=True)
def supervise() -> None:
    """Be the process that `up` leaves in the background."""
    with Supervisor(_folder(), _say) as supervisor:
        supervisor.bring_up()
        _say("ready")
        supervisor.keep_up()


@commands.command()
def down() -> None:
    """Stop what `up` or `demo` started in this checkout; its data stays."""
    background.down(_folder())


@commands.command()
def reset() -> None:
    """Stop it and drop its data."""
    background.reset(_folder())


@commands.command()
def status() -> None:
    """Show what runs; exits with 1 unless everything is ready."""
    sys.exit(0 if background.status(_folder()) else 1)


@commands.command()
@click.option("--servers", default=",".join(stacks.EVERY_SERVER), show_default=True, help="Which to start.")
@click.option(
    "--profile",
    default=Profile.TEST.value,
    show_default=True,
    type=click.Choice([profile.value for profile in Profile]),
    help="How the servers are set: as durable as those of `up`, or quick.",
)
@click.argument("command", nargs=-1, required=True)
def run(servers: str, profile: str, command: tuple[str, ...]) -> None:
    """Run COMMAND with servers of its own, and return its exit code.

    The servers use other ports and data than those of `up`; both are gone when COMMAND has ended.
    """
    chosen = servers.split(",")
    if unknown := set(chosen) - set(stacks.EVERY_SERVER):
        raise click.BadParameter(f"there is no server {', '.join(sorted(unknown))}", param_hint="--servers")
    sys.exit(run_with_servers(command, chosen, profile))


@commands.command()
def prepare() -> None:
    """Fetch everything into the cache without starting anything."""
    stacks.prepare()


def main() -> None:
    """Run a command; a failure is told in its own words."""
    for number in (signal.SIGTERM, signal.SIGINT):  # what a script starts with `&` has SIGINT ignored
        signal.signal(number, _interrupt)
    os.umask(0o022)  # the servers' account reads what we write
    try:
        commands(prog_name="devstack", standalone_mode=False)
    except DevstackError as failure:
        sys.exit(f"devstack: {failure}")
    except click.ClickException as failure:
        failure.show()
        sys.exit(failure.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)


def _folder() -> Path:
    return stack_folder(os.environ)


def _say(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def _welcome(exported: dict[str, str]) -> None:
    api = exported["API_URL"]
    text = f"""
    Front page   {api}/
    API          {api}
    API docs     {api}/api/docs/
    Mailbox      {exported["MAILBOX_URL"]}
    Staff login  {exported["STAFF_EMAIL"]}  {exported["STAFF_PASSWORD"]}

    Logs are in {_folder() / "logs"}. Ctrl-C stops everything.
"""
    print(text, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (a handler's signature)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
