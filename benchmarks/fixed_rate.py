"""Sends GET requests at a fixed rate whatever the answers take, and tells each one's time; an open-loop load client.

A time runs from when the request was due, not from when it was sent: a server that stands still for a second is charged
with all that was due meanwhile (Tene, "How not to measure latency"). The client speaks just enough HTTP/1.1 to cost a
tenth of a millisecond a request, since it shares the processors with the server.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import cast

CONNECTIONS = 64
LATE_S = 0.0005
END_OF_HEADERS = b"\r\n\r\n"
LENGTH = b"content-length:"
OK = b"HTTP/1.1 200"


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request on its way."""

    def __init__(self, client: "FixedRate") -> None:
        self._client = client
        self._buffer = b""
        self._due = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what bytes are written to."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass

    def ask(self, request: bytes, due: float) -> None:
        """Send one request that was due at that moment."""
        self._due = due
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Tell the client once the answer is whole."""
        self._buffer += data
        head, ended, body = self._buffer.partition(END_OF_HEADERS)
        if ended and len(body) >= content_length(head):
            self._buffer = b""
            self._client.answered(self, time.perf_counter() - self._due, ok=head.startswith(OK))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class FixedRate:
    """Asks one server; `run` may be called again and again."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._seconds: list[float] = []
        self._failed = 0
        self._whole = asyncio.Event()
        self._expected = 0

    async def open(self) -> None:
        """Connect CONNECTIONS times."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, connection = await loop.create_connection(lambda: Connection(self), self._host, self._port)
            self._idle.append(connection)

    def close(self) -> None:
        """Hang up every idle connection."""
        for connection in self._idle:
            connection.close()

    async def run(self, paths: Sequence[str], per_second: float) -> list[float]:
        """Ask for each path when it is due and give the times in seconds; raises RuntimeError for an answer but 200."""
        self._seconds, self._failed, self._expected = [], 0, len(paths)
        self._whole.clear()
        requests = [f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode() for path in paths]
        started = time.perf_counter()
        for number, request in enumerate(requests):
            due = started + number / per_second
            if (early := due - time.perf_counter()) > LATE_S:
                await asyncio.sleep(early)
            self._ask(request, due)
        await asyncio.wait_for(self._whole.wait(), 60)
        if self._failed:
            raise RuntimeError(f"{self._failed} of {len(paths)} requests were not answered with 200")
        return self._seconds

    def answered(self, connection: Connection, seconds: float, *, ok: bool) -> None:
        """Note one answer and give its connection the next request that waits for one."""
        self._seconds.append(seconds)
        self._failed += not ok
        if self._waiting:
            connection.ask(*self._waiting.popleft())
        else:
            self._idle.append(connection)
        if len(self._seconds) == self._expected:
            self._whole.set()

    def _ask(self, request: bytes, due: float) -> None:
        if self._idle:
            self._idle.pop().ask(request, due)
        else:
            self._waiting.append((request, due))


def content_length(head: bytes) -> int:
    """Read how long the body is; 0 without the field."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(LENGTH):
            return int(line[len(LENGTH) :])
    return 0
