"""Turns texts into sentence vectors with the prepared model; CPU only. Used by searches, the filler and the rebuild.

Texts go through the model one by one: its integers are scaled by what runs together, so the vector of a text in a
batch depends on its neighbours (cosine 0.985 to the same text alone), and a batch is not faster on a CPU
(138 products/s alone, 118 to 149 in batches of 32 and 8, one thread).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import structlog
from tokenizers import Tokenizer

from schemas.search_settings import ModelSettings
from search_indexer.embedding_model.prepared_model import (
    DIMENSIONS,
    GRAPH_FILE,
    TOKENIZER_FILE,
    model_folder,
    read_manifest,
)
from search_indexer.embedding_model.silent_onnxruntime import onnxruntime
from search_indexer.query.nearest import Meaning

LONGEST_TOKENS = 128
"""What the model was trained on; a product's text of 200 characters and a title stays below."""

SPECIAL_TOKENS = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")
KEPT_QUERIES = 4096
"""Query vectors that one process keeps, 1.5 kB each."""

INPUT_NAME, OUTPUT_NAME = "input_ids", "vector"

Vectors = npt.NDArray[np.float32]

log = structlog.get_logger(__name__)


class Model:
    """A loaded model; `name` tells its vectors from those of any other. Safe to use from several threads."""

    def __init__(self, name: str, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self.name = name
        self._session = session
        self._tokenizer = tokenizer
        self._meaningless = {tokenizer.token_to_id(token) for token in SPECIAL_TOKENS}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Give one vector of unit length a text, (n, 384). Takes 1 ms for a query and 5 to 7 ms for a product."""
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._run(self._tokens(text))
        return vectors

    def embed_meaningful(self, text: str) -> Vectors | None:
        """Give the vector (384,) of a text of which the model knows at least one part, else None."""
        tokens = self._tokens(text)
        if self._meaningless.issuperset(tokens):
            return None
        return self._run(tokens)

    def _tokens(self, text: str) -> list[int]:
        sendable = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot reach the tokenizer
        return list(self._tokenizer.encode(sendable).ids)

    def _run(self, tokens: list[int]) -> Vectors:
        (vectors,) = self._session.run([OUTPUT_NAME], {INPUT_NAME: np.array([tokens], np.int64)})
        found: Vectors = vectors[0]
        return found


class QueryEmbedder:
    """Vectors of what shoppers type; the last KEPT_QUERIES are remembered. Safe to use from several threads."""

    def __init__(self, model: Model) -> None:
        self.model_name = model.name
        self._model = model
        self._kept: OrderedDict[str, Vectors | None] = OrderedDict()
        self._lock = Lock()

    def vector_of(self, text: str) -> list[float] | None:
        """Give 384 floats of unit length, or None for a text that means nothing to the model. Letter case is ignored.

        Takes about 1 ms of this thread the first time, microseconds after that; nothing else blocks.
        """
        typed = text.lower().strip()
        with self._lock:
            if typed in self._kept:
                self._kept.move_to_end(typed)
                return _floats(self._kept[typed])
        vector = self._model.embed_meaningful(typed)
        with self._lock:
            self._kept[typed] = vector
            if len(self._kept) > KEPT_QUERIES:
                self._kept.popitem(last=False)
        return _floats(vector)


def load_model(folder: Path) -> Model | None:
    """Load the model prepared in the folder (0.2 s, 54 MB); None, and one line in the log, when there is none.

    One that cannot be read counts as none: searches then go by words alone, which is better than not at all.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        log.warning("no_model", folder=str(folder), searches="lexical", advice="aisle models prepare")
        return None
    try:
        return open_model(manifest.name, str(folder / GRAPH_FILE), (folder / TOKENIZER_FILE).read_bytes())
    except Exception as error:  # noqa: BLE001 - both libraries raise bare Exception for a broken file
        log.warning("model_unreadable", folder=str(folder), error=str(error), advice="aisle models prepare")
        return None


def load_meaning(settings: ModelSettings, environ: Mapping[str, str]) -> Meaning | None:
    """Load what gives texts their vectors; None, and one line in the log, when there is no model."""
    model = load_model(model_folder(settings.folder, environ))
    return QueryEmbedder(model).vector_of if model else None


def open_model(name: str, graph: bytes | str, tokenizer: bytes) -> Model:
    """Make a model of a graph, in memory or the name of its file; raises what onnxruntime and tokenizers raise."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a process serves many requests; more threads a request only fight
    options.inter_op_num_threads = 1
    opened = Tokenizer.from_buffer(tokenizer)
    opened.enable_truncation(LONGEST_TOKENS)
    opened.no_padding()
    return Model(name, onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"]), opened)


def _floats(vector: Vectors | None) -> list[float] | None:
    return None if vector is None else vector.tolist()
