"""Hashes what is indexed of a product, whichever side it comes from; pure, used by the audit.

Both sides are brought to one form first: the fields that a product's row decides, without empty ones, keys in order.
So a hash taken of `_source` and one taken of a document built from Postgres are equal exactly when the index says what
the row says, whoever wrote it and whatever version it carries.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from schemas.search_document import SearchDocument

DIGEST_BYTES: Final = 16

ADDED_BY_THE_INDEX: Final[frozenset[str]] = frozenset()
"""Fields of a document that no row decides; they are left out of the hash and of what the audit reads."""

encoder = msgspec.json.Encoder(order="sorted")


def document_hash(document: SearchDocument) -> bytes:
    """Hash a document as it would be written now."""
    return content_hash(msgspec.to_builtins(document))


def content_hash(source: Mapping[str, Any]) -> bytes:
    """Hash a document's JSON object; an unknown field changes the hash as a wrong value does."""
    told = {name: value for name, value in source.items() if name not in ADDED_BY_THE_INDEX and not _is_empty(value)}
    return blake2b(encoder.encode(told), digest_size=DIGEST_BYTES).digest()


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
