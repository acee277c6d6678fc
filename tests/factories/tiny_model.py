"""A model of one layer with drawn weights and a few words: as real as the real one to all but its sense of meaning."""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from search_indexer.embedding_model.graph import BertConfig, Weights, build_graph
from search_indexer.embedding_model.prepared_model import DIMENSIONS, GRAPH_FILE, TOKENIZER_FILE, write_manifest
from search_indexer.query.embedding import SPECIAL_TOKENS, Model, open_model

WORDS = ("red", "green", "blue", "lamp", "chair", "desk", "phone", "cable", "of", "oak")
CONFIG = BertConfig(hidden_size=DIMENSIONS, num_attention_heads=12, num_hidden_layers=1, layer_norm_eps=1e-12)
WIDE = 16


def tiny_weights(config: BertConfig = CONFIG, seed: int = 1) -> Weights:
    """Draw every weight that a model of this shape has."""
    drawn = np.random.default_rng(seed)
    hidden = config.hidden_size
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS) + len(SPECIAL_TOKENS), hidden),
        "embeddings.position_embeddings.weight": (512, hidden),
        "embeddings.token_type_embeddings.weight": (2, hidden),
        **_norm("embeddings.LayerNorm", hidden),
    }
    for layer in range(config.num_hidden_layers):
        prefix = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _dense(f"{prefix}.attention.{part}", hidden, hidden)
        shapes |= _norm(f"{prefix}.attention.output.LayerNorm", hidden)
        shapes |= _dense(f"{prefix}.intermediate.dense", WIDE, hidden)
        shapes |= _dense(f"{prefix}.output.dense", hidden, WIDE)
        shapes |= _norm(f"{prefix}.output.LayerNorm", hidden)
    return {name: drawn.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def tiny_tokenizer() -> bytes:
    """Make a tokenizer of WORDS, saved as the real one is."""
    vocabulary = {word: place for place, word in enumerate((*SPECIAL_TOKENS, *WORDS))}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106 - a token of language
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer.to_str().encode()


def tiny_model(name: str = "tiny", seed: int = 1) -> Model:
    """Open it; equal arguments make equal vectors."""
    return open_model(name, build_graph(CONFIG, tiny_weights(seed=seed)).SerializeToString(), tiny_tokenizer())


def put_tiny_model(folder: Path) -> None:
    """Prepare it in a folder, from where it loads as this release's model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH_FILE).write_bytes(build_graph(CONFIG, tiny_weights()).SerializeToString())
    (folder / TOKENIZER_FILE).write_bytes(tiny_tokenizer())
    write_manifest(folder)


def _dense(name: str, out: int, into: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def _norm(name: str, size: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}
