from math import erf, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from search_indexer.embedding_model.graph import BertConfig, Weights, build_graph
from search_indexer.embedding_model.silent_onnxruntime import onnxruntime
from search_indexer.query.embedding import INPUT_NAME
from tests.factories.tiny_model import tiny_weights

Array = npt.NDArray[Any]

CONFIG = BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=2, layer_norm_eps=1e-12)
TOKENS = [0, 7, 9, 7, 1]


def reference(config: BertConfig, weights: Weights, tokens: list[int]) -> Array:
    """The same network in plain numpy, head by head and token by token, with nothing shared but the weights."""
    state = weights["embeddings.word_embeddings.weight"][tokens] + weights["embeddings.token_type_embeddings.weight"][0]
    state = norm(weights, "embeddings", state + weights["embeddings.position_embeddings.weight"][: len(tokens)])
    for number in range(config.num_hidden_layers):
        prefix = f"encoder.layer.{number}"
        attended = dense(weights, f"{prefix}.attention.output.dense", attention(config, weights, prefix, state))
        state = norm(weights, f"{prefix}.attention.output", attended + state)
        wide = dense(weights, f"{prefix}.intermediate.dense", state)
        wide = np.vectorize(lambda x: x * (1 + erf(x / sqrt(2))) / 2)(wide)
        state = norm(weights, f"{prefix}.output", dense(weights, f"{prefix}.output.dense", wide) + state)
    mean = state.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def attention(config: BertConfig, weights: Weights, prefix: str, state: Array) -> Array:
    query, key, value = (dense(weights, f"{prefix}.attention.self.{part}", state) for part in ("query", "key", "value"))
    size = config.hidden_size // config.num_attention_heads
    heads = []
    for start in range(0, config.hidden_size, size):
        one = slice(start, start + size)
        scores = np.exp(query[:, one] @ key[:, one].T / sqrt(size))
        heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, one])
    return np.concatenate(heads, axis=1)


def dense(weights: Weights, name: str, state: Array) -> Array:
    return np.asarray(state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def norm(weights: Weights, name: str, state: Array) -> Array:
    centred = state - state.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True))
    return np.asarray(scaled * weights[f"{name}.LayerNorm.weight"] + weights[f"{name}.LayerNorm.bias"])


def test_the_graph_computes_what_the_network_is_defined_to() -> None:
    weights = tiny_weights(CONFIG)
    session = onnxruntime.InferenceSession(build_graph(CONFIG, weights).SerializeToString())
    for tokens in (TOKENS, TOKENS[:2], TOKENS * 20):
        (found,) = session.run(None, {INPUT_NAME: np.array([tokens], np.int64)})
        np.testing.assert_allclose(found[0], reference(CONFIG, weights, tokens), atol=1e-5)


def test_a_missing_weight_is_named() -> None:
    weights = dict(tiny_weights(CONFIG))
    del weights["encoder.layer.1.output.dense.bias"]
    with pytest.raises(KeyError, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        build_graph(CONFIG, weights)
