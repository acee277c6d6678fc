"""Runs the model in threads of low priority, so that the event loop and other processes go first; index side only."""

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np

from search_indexer.query.embedding import Model, Vectors

NICENESS = 10
AT_ONCE = 16
"""Texts of one call in a thread, 0.1 s: a stop waits no longer than that."""


class BackgroundEmbedder:
    """The model and its threads; leave the context to end them."""

    def __init__(self, model: Model, threads: int = 1) -> None:
        self.model = model
        self._threads = ThreadPoolExecutor(threads, "embedding", _step_back)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Give the vectors of the texts, (n, 384); takes about 7 ms a text and thread, the loop stays free."""
        loop = asyncio.get_running_loop()
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        made = [loop.run_in_executor(self._threads, self.model.embed, part) for part in parts]
        return np.concatenate(await asyncio.gather(*made)) if made else self.model.embed([])


def _step_back() -> None:
    """Lower the priority of the calling thread alone: Linux gives each thread its own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
