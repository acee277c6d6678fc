import os
import threading
from collections.abc import Sequence

import numpy as np

from search_indexer.index.background_embedding import AT_ONCE, NICENESS, BackgroundEmbedder
from search_indexer.query.embedding import Model, Vectors
from tests.factories.tiny_model import tiny_model


class WatchedModel(Model):
    """The tiny model, noting how low the priority of the thread is that runs it."""

    def __init__(self) -> None:
        self._model = tiny_model()
        self.name = "watched"
        self.nice: set[int] = set()
        self.sizes: list[int] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.nice.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        self.sizes.append(len(texts))
        return self._model.embed(texts)


async def test_vectors_come_in_the_order_of_the_texts_and_in_portions() -> None:
    model = WatchedModel()
    texts = ["red lamp", "oak desk", "blue chair", "phone", "cable"] * AT_ONCE
    with BackgroundEmbedder(model, threads=2) as embedder:
        vectors = await embedder.embed(texts)
    np.testing.assert_array_equal(vectors, tiny_model().embed(texts))
    assert model.sizes == [AT_ONCE] * 5


async def test_nothing_is_embedded_of_nothing() -> None:
    with BackgroundEmbedder(tiny_model()) as embedder:
        assert (await embedder.embed([])).shape == (0, 384)


async def test_the_model_runs_below_everything_else_and_our_own_thread_stays_as_it_is() -> None:
    model = WatchedModel()
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with BackgroundEmbedder(model) as embedder:
        await embedder.embed(["red"])
    assert model.nice == {min(before + NICENESS, 19) if before else NICENESS}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
