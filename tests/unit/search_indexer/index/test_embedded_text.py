import hashlib

import msgspec
import numpy as np
import pytest

from search_indexer.index.embedded_text import embedded_text, packed, text_hash, text_of, vector_json
from search_indexer.index.product_document import product_document
from tests.factories.product_snapshots import product_snapshot


def test_a_product_is_embedded_by_title_own_category_and_the_beginning_of_its_description() -> None:
    document = product_document(product_snapshot(1, title="Flat cable", description="d" * 500))
    assert text_of(document) == f"Flat cable. HDMI cable. {'d' * 200}"


def test_a_deleted_product_has_no_text() -> None:
    assert text_of(product_document(product_snapshot(1, deleted=True))) is None


def test_a_product_without_category_or_description_has_a_text() -> None:
    assert embedded_text("Lamp", None, "") == "Lamp. . "


def test_a_text_is_kept_under_its_sha_256() -> None:
    assert text_hash("Lämp") == hashlib.sha256("Lämp".encode()).digest()


def test_a_packed_vector_keeps_its_direction_and_four_decimals() -> None:
    vectors = np.random.default_rng(3).normal(size=(20, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for vector, kept in zip(vectors, packed(vectors), strict=True):
        assert len(kept) == 768
        told = np.array(msgspec.json.decode(vector_json(kept)))
        np.testing.assert_allclose(told, vector, atol=0.00005001)
        assert told @ vector / np.linalg.norm(told) == pytest.approx(1, abs=1e-6)


def test_the_largest_components_are_told_as_json() -> None:
    [kept] = packed(np.array([[1, -1, 0, 0.5, -0.00004, 0.0001]], np.float32))
    assert msgspec.json.decode(vector_json(kept)) == [1, -1, 0, 0.5, 0, 0.0001]
