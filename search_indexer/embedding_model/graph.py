"""Builds the model's ONNX graph from its weights and quantises it; called by the preparation.

BERT (Devlin et al. 2019) as in all-MiniLM-L6-v2: embeddings, layers of multi-head self-attention and a feed-forward
network with residuals and layer norms, the mean over the tokens, and that at unit length. The input is one text, so
there is no padding and no mask: (1, tokens) ids in, (1, hidden_size) out.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from search_indexer.query.embedding import INPUT_NAME, OUTPUT_NAME

OPSET = 20
IR_VERSION = 9

Weights = Mapping[str, npt.NDArray[Any]]


class BertConfig(msgspec.Struct, frozen=True):
    """What the graph needs of the model's config.json."""

    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float


def build_graph(config: BertConfig, weights: Weights) -> onnx.ModelProto:
    """Build the graph with 32-bit weights; raises KeyError for a weight that is missing."""
    builder = _Builder(config, weights)
    state = builder.embeddings()
    for layer in range(config.num_hidden_layers):
        state = builder.layer(state, layer)
    builder.sentence_vector(state)
    return builder.model()


def quantise(graph: onnx.ModelProto, file: Path) -> None:
    """Write the graph with its weights as 8-bit integers, a quarter of the size; activations are scaled as it runs."""
    add_pre_process_metadata(graph)  # says that there is nothing to simplify first; without it a warning is logged
    quantize_dynamic(graph, file, weight_type=QuantType.QInt8)


class _Builder:
    """Collects nodes and constants; each method gives the name of what its last node makes."""

    def __init__(self, config: BertConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        head = config.hidden_size // config.num_attention_heads
        self._apart = self._constant("apart", np.array([0, 0, config.num_attention_heads, head], np.int64))
        self._joined = self._constant("joined", np.array([0, 0, config.hidden_size], np.int64))
        self._scale = self._constant("scale", np.float32(1 / math.sqrt(head)))
        self._token_axis = self._constant("token_axis", np.array([1], np.int64))

    def embeddings(self) -> str:
        """Add up what each token's word, place and (always first) segment say."""
        first, step = self._constant("first", np.int64(0)), self._constant("step", np.int64(1))
        words = self._node("Gather", [self._weight("embeddings.word_embeddings.weight"), INPUT_NAME])
        length = self._node("Gather", [self._node("Shape", [INPUT_NAME]), step])
        places = self._node("Range", [first, length, step])
        placed = self._node("Gather", [self._weight("embeddings.position_embeddings.weight"), places])
        segment = self._constant("segment", self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._normed(self._node("Add", [self._node("Add", [words, placed]), segment]), "embeddings.LayerNorm")

    def layer(self, state: str, number: int) -> str:
        """Let the tokens attend to each other, then pass each through the feed-forward network."""
        prefix = f"encoder.layer.{number}"
        attended = self._linear(self._attention(state, f"{prefix}.attention.self"), f"{prefix}.attention.output.dense")
        state = self._normed(self._node("Add", [attended, state]), f"{prefix}.attention.output.LayerNorm")
        wide = self._node("Gelu", [self._linear(state, f"{prefix}.intermediate.dense")])
        narrow = self._linear(wide, f"{prefix}.output.dense")
        return self._normed(self._node("Add", [narrow, state]), f"{prefix}.output.LayerNorm")

    def sentence_vector(self, state: str) -> None:
        """Take the mean over the tokens and bring it to unit length."""
        mean = self._node("ReduceMean", [state, self._token_axis], keepdims=0)
        length = self._node("ReduceL2", [mean, self._token_axis], keepdims=1)
        self._nodes.append(helper.make_node("Div", [mean, length], [OUTPUT_NAME]))

    def model(self) -> onnx.ModelProto:
        """Close the graph and check it; raises onnx's ValidationError."""
        ids = helper.make_tensor_value_info(INPUT_NAME, TensorProto.INT64, ["texts", "tokens"])
        vector = helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["texts", self._config.hidden_size])
        graph = helper.make_graph(self._nodes, "sentence_vectors", [ids], [vector], list(self._constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def _attention(self, state: str, prefix: str) -> str:
        query = self._heads(state, f"{prefix}.query", [0, 2, 1, 3])
        key = self._heads(state, f"{prefix}.key", [0, 2, 3, 1])
        value = self._heads(state, f"{prefix}.value", [0, 2, 1, 3])
        scores = self._node("Mul", [self._node("MatMul", [query, key]), self._scale])
        mixed = self._node("MatMul", [self._node("Softmax", [scores], axis=-1), value])
        return self._node("Reshape", [self._node("Transpose", [mixed], perm=[0, 2, 1, 3]), self._joined])

    def _heads(self, state: str, name: str, order: list[int]) -> str:
        return self._node("Transpose", [self._node("Reshape", [self._linear(state, name), self._apart])], perm=order)

    def _linear(self, state: str, name: str) -> str:
        turned = self._constant(f"{name}.turned", self._weights[f"{name}.weight"].T)
        return self._node("Add", [self._node("MatMul", [state, turned]), self._weight(f"{name}.bias")])

    def _normed(self, state: str, name: str) -> str:
        inputs = [state, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self._node("LayerNormalization", inputs, axis=-1, epsilon=self._config.layer_norm_eps)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: npt.NDArray[Any] | np.generic) -> str:
        kind = value.dtype if value.dtype == np.int64 else np.dtype(np.float32)
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value, kind).reshape(value.shape), name)
        return name

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name
