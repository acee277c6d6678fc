"""The real model: what it says is what its makers' full model says."""

import numpy as np
import pytest

from search_indexer.query.embedding import Model, QueryEmbedder


def test_it_knows_what_is_alike(model: Model) -> None:
    laptop, notebook, coffee = model.embed(["gaming laptop", "notebook computer", "coffee maker"])
    assert laptop @ notebook == pytest.approx(0.633, abs=0.05)  # the full model's cosine
    assert laptop @ coffee == pytest.approx(0.231, abs=0.07)


def test_a_query_has_a_vector_of_unit_length_in_any_script(model: Model) -> None:
    embedder = QueryEmbedder(model)
    for text in ("wireless gaming mouse", "кабель", "câble"):
        vector = embedder.vector_of(text)
        assert vector is not None
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_a_text_of_unknown_signs_has_none(model: Model) -> None:
    assert QueryEmbedder(model).vector_of("🧵🧵") is None
