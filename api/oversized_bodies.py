"""Refuses bodies that are too long even to be read to their end; wraps Tornado's message delegates for `application`.

Tornado itself would close such a connection with a bare 400. A client that announces more than the limit gets a
problem instead, and a moment to read it before the connection closes.
"""

import asyncio
import socket
from collections.abc import Awaitable
from http import HTTPStatus

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream, StreamClosedError

from api.handler import MAX_BODY_BYTES
from api.problems import trouble_of
from api.reading.faults import BodyTooLarge
from api.request_ids import HEADER, request_id_of

LINGER_S = 1.0


class RefusesOversizedBodies(HTTPMessageDelegate):
    """Passes everything on to the application's delegate unless `Content-Length` is above the limit."""

    def __init__(self, application: HTTPMessageDelegate, connection: HTTP1Connection, limit: int) -> None:
        self._application = application
        self._connection = connection
        self._limit = limit

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Look at the announced length."""
        announced = headers.get("Content-Length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:19]) > self._limit:
            return refuse(self._connection.detach(), request_id_of(headers.get(HEADER)))
        return self._application.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass it on."""
        return self._application.data_received(chunk)

    def finish(self) -> None:
        """Pass it on."""
        self._application.finish()

    def on_connection_close(self) -> None:
        """Pass it on."""
        self._application.on_connection_close()


async def refuse(stream: IOStream, request_id: str) -> None:
    """Answer 413 on the bare stream and close it; reads on for a second so that no reset outruns the answer."""
    body = trouble_of(BodyTooLarge(MAX_BODY_BYTES)).to_problem(request_id).to_json()
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n{HEADER}: {request_id}\r\nConnection: close\r\n\r\n"
    )
    try:
        await stream.write(head.encode() + body)
        stream.socket.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(LINGER_S):
            while await stream.read_bytes(65536, partial=True):
                pass
    except (StreamClosedError, TimeoutError, OSError):
        pass
    finally:
        stream.close()
