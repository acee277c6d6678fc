"""Runs one process that works until it is told to stop; used by `cli.relay`, `cli.consume` and `cli.jobs`."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec

import structlog

from messaging.log_thinning import OncePerPeriod
from observability.logging import configure_logging

Work = Callable[[asyncio.Event], Awaitable[None]]

log = structlog.get_logger(__name__)


def run_until_signalled(process: str, environment: str, work: Work) -> None:
    """Run `work` with an event that SIGTERM and SIGINT set; returns (exit code 0) when `work` returns.

    What `work` raises ends the process with a traceback and another exit code: whoever supervises it starts it again.
    """
    configure_logging(process, environment)
    for handler in logging.getLogger().handlers:
        handler.addFilter(OncePerPeriod())
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_run(process, work))


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make uvloop's loop where it is installed, otherwise asyncio's own."""
    maker = import_module("uvloop" if find_spec("uvloop") else "asyncio")
    loop: asyncio.AbstractEventLoop = maker.new_event_loop()
    return loop


async def _run(process: str, work: Work) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("process_started", name=process)
    await work(stop)
    log.info("process_stopped", name=process)
