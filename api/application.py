"""Makes the Tornado application of one process from its dependencies; called by `server` and by tests."""

from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.web import Application

from api.dependencies import Dependencies
from api.handlers.no_route import NoRoute
from api.oversized_bodies import RefusesOversizedBodies
from api.route_aliases import aliased_routes
from api.routes import ROUTES
from api.routing import url_specs

DRAIN_LIMIT_BYTES = 4 * 1024 * 1024
"""Bodies up to here are read to their end before they are refused, so that the client surely sees the answer."""


class ApiApplication(Application):
    """All routes of the API over one process's dependencies."""

    def __init__(self, dependencies: Dependencies) -> None:
        routes = [*ROUTES, *aliased_routes()]
        super().__init__(
            list(url_specs(routes, dependencies)),
            routes=routes,
            default_handler_class=NoRoute,
            default_handler_args={"dependencies": dependencies, "template": "none"},
            log_function=lambda _: None,  # the handlers write the access log themselves
        )

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Begin one request; Tornado calls this."""
        delegate = super().start_request(server_conn, request_conn)
        return RefusesOversizedBodies(delegate, cast("HTTP1Connection", request_conn), DRAIN_LIMIT_BYTES)
