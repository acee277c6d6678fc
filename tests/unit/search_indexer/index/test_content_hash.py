"""The hash by which the audit compares content."""

from typing import Any

import msgspec

from search_indexer.index.content_hash import content_hash, document_hash
from search_indexer.index.product_document import bulk_lines, product_document
from tests.factories.product_snapshots import product_snapshot

DOCUMENT = product_document(product_snapshot(1, brand="Lumo", attributes={"colour": "red"}, in_stock_store_ids=[3, 4]))
SOURCE = msgspec.json.decode(bulk_lines(DOCUMENT).split(b"\n")[1])


def test_what_was_written_hashes_as_the_document_it_was_written_from() -> None:
    assert content_hash(SOURCE) == document_hash(DOCUMENT)


def test_the_order_of_keys_and_empty_fields_say_nothing() -> None:
    shuffled = {"gtin": None, "description": "", "codes_": [], **dict(reversed(SOURCE.items()))}
    assert content_hash(shuffled) == document_hash(DOCUMENT)


def test_every_other_change_shows() -> None:
    changes: list[dict[str, Any]] = [
        {"title": "Other"},
        {"brand": None},
        {"deleted": True},
        {"gtin": "1"},
        {"in_stock_store_ids": [4]},
    ]
    hashes = {content_hash({**SOURCE, **change}) for change in changes}
    assert len(hashes - {document_hash(DOCUMENT)}) == len(changes)
