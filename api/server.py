"""Runs the API: checks the schema, listens, forks, serves until told to stop, drains; `aisle serve` calls `run`."""

import asyncio
import signal
import socket

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from api.application import DRAIN_LIMIT_BYTES, ApiApplication
from api.dependencies import Dependencies
from api.settings import ApiSettings, HttpSettings
from api.worker_processes import fork_workers
from order_service.database.engine import open_database, translated_errors
from order_service.database.migrate import newest_revision, schema_revision
from schemas.settings import DatabaseSettings

try:
    from uvloop import new_event_loop
except ImportError:  # pragma: no cover - uvloop is optional
    from asyncio import new_event_loop  # type: ignore[assignment]  # both make an event loop

DRAIN_S = 10.0
IDLE_S = 75.0
MAX_HEADER_BYTES = 32 * 1024
log = structlog.get_logger()


class WrongSchema(Exception):
    """The database is at another schema revision than this code was written for."""


def run(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT, then finish running requests (at most 10 s) and return.

    Raises WrongSchema, Unavailable when Postgres is away, OSError when a port is taken.
    """
    asyncio.run(check_schema(settings.database))
    http = settings.http
    sockets = listen("PORT", http.port, http.address)
    measured = [listen("METRICS_PORT", http.metrics_port + number, http.address) for number in metered_workers(http)]
    worker = fork_workers(http.processes)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(settings, sockets, measured[worker] if measured else [], worker))


def listen(name: str, port: int, address: str) -> list[socket.socket]:
    """Listen on the port; raises OSError that names the variable when it is taken."""
    try:
        return bind_sockets(port, address=address)
    except OSError as error:
        raise OSError(f"{name}: cannot listen on {address}:{port}: {error.strerror}") from error


def metered_workers(http: HttpSettings) -> range:
    """Number the workers that have a metrics port: all, or none when METRICS_PORT is 0."""
    return range(http.processes if http.metrics_port else 0)


async def check_schema(settings: DatabaseSettings) -> None:
    """Raise WrongSchema when the database is older or newer than this code, Unavailable when it is away."""
    database = open_database(settings, application="aisle serve: check")
    try:
        async with translated_errors():
            found = await schema_revision(database.reads)
    finally:
        await database.close()
    if found != newest_revision():
        advice = "run `aisle migrate`" if found is None or found < newest_revision() else "update this installation"
        raise WrongSchema(f"the database is at revision {found}, this release needs {newest_revision()}: {advice}")


async def serve(
    settings: ApiSettings, sockets: list[socket.socket], metrics_sockets: list[socket.socket], worker: int = 0
) -> None:
    """Answer on the sockets until a signal comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    dependencies = Dependencies.open(settings)
    server, metrics = http_server(dependencies), metrics_server(dependencies)
    server.add_sockets(sockets)
    metrics.add_sockets(metrics_sockets)
    log.info("the API answers", address=settings.http.address, port=sockets[0].getsockname()[1], worker=worker)
    await stop.wait()
    await drain(server, dependencies)
    metrics.stop()
    await metrics.close_all_connections()
    await dependencies.close()
    log.info("the API has stopped", worker=worker)


def http_server(dependencies: Dependencies, application: Application | None = None) -> HTTPServer:
    """Make the server of the API; it listens on nothing yet."""
    return HTTPServer(
        application or ApiApplication(dependencies),
        max_body_size=DRAIN_LIMIT_BYTES,
        max_buffer_size=2 * DRAIN_LIMIT_BYTES,
        max_header_size=MAX_HEADER_BYTES,
        idle_connection_timeout=IDLE_S,
        body_timeout=30.0,
    )


async def drain(server: HTTPServer, dependencies: Dependencies) -> None:
    """Take no new connections, wait until no request runs (at most 10 s), then close every connection."""
    server.stop()
    try:
        async with asyncio.timeout(DRAIN_S):
            await dependencies.running.wait_until_none()
    except TimeoutError:
        log.warning("requests were still running when time was up", running=dependencies.running.count)
    await server.close_all_connections()


def metrics_server(dependencies: Dependencies) -> HTTPServer:
    """Make the server that Prometheus asks; it listens on nothing yet."""
    routes = [("/metrics", MetricsPage, {"registry": dependencies.metrics.registry})]
    return HTTPServer(Application(routes, log_function=lambda _: None))


class MetricsPage(RequestHandler):
    """The metrics of this process."""

    def initialize(self, registry: CollectorRegistry) -> None:
        """Take the registry."""
        self._registry = registry

    def get(self) -> None:
        """Render them in the text format of Prometheus."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(self._registry))
