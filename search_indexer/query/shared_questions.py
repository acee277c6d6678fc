"""Sends questions that wait for their turn together; used where many small ones arrive at once.

A lane sends what waits as one multi-search and, when that is answered, what has come to wait meanwhile. While there is
little to do a question finds a free lane and goes alone, at once; the busier it is, the more go together, and the less
each costs.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from search_indexer.errors import SearchRefused
from search_indexer.query.climb import Ask
from search_indexer.query.query_builder import Body

LANES = 4
MOST_TOGETHER = 16
"""Bodies of one multi-search, which is as slow as its slowest."""

Answer = Mapping[str, Any]
Question = tuple[Body, "asyncio.Future[Answer]"]


class SharedQuestions:
    """One process's questions; share one per event loop, and `close` it before what `ask` needs."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: deque[Question] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def answer(self, body: Body) -> Answer:
        """Ask one question; raises what `ask` raises for it, and SearchRefused only for its own faults."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, answer))
        if len(self._lanes) < LANES:
            lane = asyncio.get_running_loop().create_task(self._work())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await answer

    async def close(self) -> None:
        """Give up what is on its way."""
        lanes = list(self._lanes)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        for _, answer in self._waiting:
            answer.cancel()

    async def _work(self) -> None:
        while self._waiting:
            together = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
            try:
                await self._send(together)
            finally:
                for _, answer in together:
                    answer.cancel()  # of no effect where there is an answer

    async def _send(self, questions: list[Question]) -> None:
        try:
            answers = await self._ask([body for body, _ in questions])
        except SearchRefused as error:
            if len(questions) == 1:
                _tell(questions, error)
            else:
                for question in questions:
                    await self._send([question])
        except Exception as error:  # noqa: BLE001 - each asker is told, whatever it is
            _tell(questions, error)
        else:
            for (_, asked), answer in zip(questions, answers, strict=True):
                if not asked.done():
                    asked.set_result(answer)


def _tell(questions: list[Question], error: Exception) -> None:
    for _, asked in questions:
        if not asked.done():
            asked.set_exception(error)
