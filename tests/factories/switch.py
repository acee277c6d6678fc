"""A TCP relay in front of a real server that a test can make silent and working again."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Switch:
    """Passes connections on to `target` (a URL); while it hangs, takes them and what they send, and says nothing."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._works = asyncio.Event()
        self._works.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang(self) -> None:
        """Pass nothing on from now."""
        self._works.clear()

    def work(self) -> None:
        """Pass everything on again, what was held back too."""
        self._works.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        for task in (asyncio.create_task(self._pass(reader, back)), asyncio.create_task(self._pass(there, writer))):
            self._tasks.add(task)

    async def _pass(self, source: asyncio.StreamReader, destination: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                while data := await source.read(65_536):
                    await self._works.wait()
                    destination.write(data)
                    await destination.drain()
        finally:
            destination.close()
