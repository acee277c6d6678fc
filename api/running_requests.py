"""Counts the requests that are being answered, so that a stopping process can wait for them."""

import asyncio


class RunningRequests:
    """One counter per process; `is_stopping` tells answers to close their connections."""

    def __init__(self) -> None:
        self.count = 0
        self.is_stopping = False
        self._none = asyncio.Event()
        self._none.set()

    def begin(self) -> None:
        """Note that a request came."""
        self.count += 1
        self._none.clear()

    def end(self) -> None:
        """Note that it was answered."""
        self.count -= 1
        if self.count == 0:
            self._none.set()

    async def wait_until_none(self) -> None:
        """Wait until no request runs; from now on connections are not kept."""
        self.is_stopping = True
        await self._none.wait()
