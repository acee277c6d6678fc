"""`devstack run`: servers for the duration of one command."""

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from devstack.account import server_account
from devstack.keeper import Child, Order
from devstack.offers import COMPANIONS, OFFERS, offered_servers
from devstack.places import stack_folder, temporary_folder
from devstack.processes import OWNER_VARIABLE
from devstack.stack import Stack


def run_with_servers(command: Sequence[str], servers: Sequence[str], profile: str) -> int:
    """Start servers of its own, run the command beside them, stop them; returns the command's exit code.

    Blocks until all of that is done. Ctrl-C reaches the command (it shares our terminal), and we wait for it.
    """
    folder = temporary_folder(server_account())
    try:
        stack = Stack(folder, servers, profile, offered_servers(os.environ, stack_folder(os.environ)))
        with stack:
            stack.keeper.guardian.drop(folder)
            return _run(stack, command)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(stack: Stack, command: Sequence[str]) -> int:
    replaced = {OWNER_VARIABLE, *OFFERS, *COMPANIONS.values()}
    inherited = {name: value for name, value in os.environ.items() if name not in replaced}
    order = Order("command", tuple(command), {**inherited, **stack.environment()})
    child = stack.keeper.start(order)
    with _signals_left_to(child):
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _signals_left_to(child: Child) -> Iterator[None]:
    """Let the command decide what a signal means: Ctrl-C reaches it by itself, SIGTERM is passed on."""

    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (a handler's signature)
        child.send(signal.Signals(number))

    previous = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
