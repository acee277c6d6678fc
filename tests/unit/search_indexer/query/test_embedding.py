import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from search_indexer.embedding_model.prepared_model import GRAPH_FILE, MODEL_NAME
from search_indexer.query import embedding
from search_indexer.query.embedding import LONGEST_TOKENS, Model, QueryEmbedder, load_model
from tests.factories.tiny_model import put_tiny_model, tiny_model

TEXTS = ["red lamp", "oak desk of blue", "phone cable", "chair"]


@pytest.fixture(scope="module")
def model() -> Model:
    return tiny_model()


def test_vectors_are_of_unit_length_one_a_text(model: Model) -> None:
    vectors = model.embed(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert model.embed([]).shape == (0, 384)


def test_the_vector_of_a_text_does_not_depend_on_its_company(model: Model) -> None:
    together = model.embed(TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_array_equal(together[row], model.embed([text])[0])


def test_what_lies_beyond_the_longest_text_changes_nothing(model: Model) -> None:
    long = "red lamp " * LONGEST_TOKENS
    np.testing.assert_array_equal(model.embed([long])[0], model.embed([long + "desk"])[0])


def test_lone_surrogates_and_control_characters_are_only_unknown_words(model: Model) -> None:
    assert np.isfinite(model.embed(["red \ud800 lamp", "\x00\x1f", ""])).all()


def test_a_query_has_384_floats_of_unit_length(model: Model) -> None:
    vector = QueryEmbedder(model).vector_of("red lamp")
    assert vector is not None
    assert len(vector) == 384
    assert sum(x * x for x in vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "  ", "zebra", "zebra 漢字", "[SEP]"])
def test_a_query_without_a_known_word_has_no_vector(model: Model, text: str) -> None:
    assert QueryEmbedder(model).vector_of(text) is None


def test_letter_case_and_outer_blanks_do_not_matter(model: Model) -> None:
    embedder = QueryEmbedder(model)
    assert embedder.vector_of(" Red LAMP ") == embedder.vector_of("red lamp")


def test_a_query_is_computed_once_and_the_oldest_are_forgotten(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "KEPT_QUERIES", 2)
    embedder = QueryEmbedder(model)
    with patch.object(model, "embed_meaningful", wraps=model.embed_meaningful) as computed:
        for text in ("red", "lamp", "red", "zebra", "red", "zebra"):
            embedder.vector_of(text)
        assert [call.args[0] for call in computed.call_args_list] == ["red", "lamp", "zebra"]
        embedder.vector_of("lamp")
        assert computed.call_count == 4


def test_a_caller_may_change_what_it_was_given(model: Model) -> None:
    embedder = QueryEmbedder(model)
    first = embedder.vector_of("red")
    assert first is not None
    kept = list(first)
    first.clear()
    assert embedder.vector_of("red") == kept


def test_a_prepared_model_loads_under_the_name_of_this_release(tmp_path: Path, model: Model) -> None:
    put_tiny_model(tmp_path)
    loaded = load_model(tmp_path)
    assert loaded is not None
    assert loaded.name == MODEL_NAME
    np.testing.assert_array_equal(loaded.embed(TEXTS), model.embed(TEXTS))


def test_without_a_prepared_model_there_is_none(tmp_path: Path) -> None:
    assert load_model(tmp_path / "absent") is None


def test_a_model_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    put_tiny_model(tmp_path)
    (tmp_path / GRAPH_FILE).write_bytes(b"not a graph")
    assert load_model(tmp_path) is None


def test_the_model_reports_to_nobody(tmp_path: Path) -> None:
    """Onnxruntime would keep a device id and a queue of what it is going to send in the cache of the account."""
    put_tiny_model(tmp_path / "model")
    cache = tmp_path / "cache"
    code = "import sys, pathlib; from search_indexer.query.embedding import load_model as l\n"
    code += "l(pathlib.Path(sys.argv[1])).embed(['red'])"
    silencing = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS"}
    environment = {name: value for name, value in os.environ.items() if name not in silencing}
    homes = {"XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
    command = [sys.executable, "-c", code, str(tmp_path / "model")]
    subprocess.run(command, env=environment | homes, check=True, timeout=60)  # noqa: S603 - built right here
    assert list(cache.rglob("*")) == []
