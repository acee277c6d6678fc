"""Which text of a product is embedded, and the forms its vector takes on the way to the index; pure.

    model  ->  float32 (384,)  ->  packed: 16-bit integers, as Postgres keeps it  ->  JSON, as Elasticsearch takes it

Four decimals are kept: the index itself rounds to 8 bits, and the cosine of a packed vector to its own is 0.9999998.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np

from schemas.search_document import SearchDocument
from search_indexer.query.embedding import Vectors

LONGEST_DESCRIPTION: Final = 200
"""Characters. Without the description NDCG@10 is 0.03 lower; more of it is slower and no better (SEARCH.md)."""

SCALE: Final = 10_000
PACKED: Final = np.dtype("<i2")

NUMBERS: Final = np.array([f"{number / SCALE:7.4f},".encode() for number in range(-SCALE, SCALE + 1)])
"""Every component as JSON with its comma, eight bytes each: 20 times faster than formatting floats (2 us a vector)."""


def embedded_text(title: str, category_name: str | None, description: str) -> str:
    """Give the text that stands for a product: title, own category, beginning of the description."""
    return f"{title}. {category_name or ''}. {description[:LONGEST_DESCRIPTION]}"


def text_of(document: SearchDocument) -> str | None:
    """Give the text of a document; None for a deleted product, which has none."""
    if document.deleted or document.title is None:
        return None
    return embedded_text(document.title, document.category_name, document.description)


def text_hash(text: str) -> bytes:
    """Hash a text to the 32 bytes under which its vector is kept."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def packed(vectors: Vectors) -> Iterable[bytes]:
    """Pack vectors (n, 384) of unit length, one after the other."""
    return (row.tobytes() for row in np.rint(vectors * SCALE).astype(PACKED))


def vector_json(kept: bytes) -> bytes:
    """Give a packed vector as a JSON array; blanks before positive numbers keep it quick to make."""
    numbers = NUMBERS[np.frombuffer(kept, PACKED).astype(np.intp) + SCALE]
    return b"[" + numbers.tobytes()[:-1] + b"]"
