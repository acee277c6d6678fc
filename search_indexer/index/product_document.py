"""Turns a product snapshot into the document that is indexed, and that into bulk lines; pure, used by the bulk writer.

Nothing a merchant can write makes Elasticsearch refuse a document: every keyword is bounded by the mapping or here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.search_document import SearchDocument
from search_indexer.attributes import normalized_attributes
from search_indexer.category_kinds import category_kinds
from search_indexer.category_labels import packed_label
from search_indexer.identifiers import normalized_identifier
from search_indexer.query.groups import GROUPED
from search_indexer.sortable_titles import sortable_title

LONGEST_TEXT = 100_000
"""Characters of a description that are indexed; a text beyond them would slow highlighting and found nobody."""

ACTION = b'{"index":{"_id":"%d","version":%d,"version_type":"external_gte"}}\n'

encoder = msgspec.json.Encoder()


def product_document(snapshot: ProductSnapshot) -> SearchDocument:
    """Build the whole document; a deleted product keeps only what outlives it."""
    if snapshot.deleted:
        return SearchDocument(id=snapshot.id, version=snapshot.version, deleted=True)
    codes = [code for code in (snapshot.sku, snapshot.gtin, snapshot.mpn) if code]
    attributes = normalized_attributes(snapshot.attributes)
    return SearchDocument(
        id=snapshot.id,
        version=snapshot.version,
        deleted=False,
        sku=snapshot.sku,
        group_id=snapshot.group_id or None,
        group_key=GROUPED + snapshot.group_id if snapshot.group_id else f"p:{snapshot.id}",
        gtin=snapshot.gtin,
        mpn=snapshot.mpn,
        identifiers=sorted({identifier for code in codes if (identifier := normalized_identifier(code))}),
        codes=codes,
        title=snapshot.title,
        title_sort=sortable_title(snapshot.title),
        description=snapshot.description[:LONGEST_TEXT],
        brand=snapshot.brand or None,
        category_name=snapshot.category.names[-1] if snapshot.category.names else None,
        category_kinds=category_kinds(snapshot.category.names[-1]) if snapshot.category.names else [],
        category_path=snapshot.category.names,
        category_ids=snapshot.category.ids,
        category_slugs=snapshot.category.slugs,
        category_labels=_labels(snapshot.category),
        price_minor=snapshot.price_minor,
        currency=snapshot.currency,
        image_link=snapshot.image_link,
        attributes=attributes,
        attribute_keys=list(attributes),
        attributes_text=[text for values in attributes.values() for text in values],
        in_stock_store_ids=snapshot.in_stock_store_ids,
        popularity=snapshot.popularity,
        created_at=snapshot.created_at,
        updated_at=snapshot.updated_at,
    )


def bulk_lines(document: SearchDocument, vector: bytes | None = None) -> bytes:
    """Write the two lines of one `_bulk` item, without the last newline; an older version will not replace a newer.

    `vector` is a JSON array; without one the document is found by its words alone.
    """
    return _lines(document.id, document.version, encoder.encode(document), vector)


def source_lines(product_id: int, version: int, source: Mapping[str, Any], vector: bytes) -> bytes:
    """Write the lines of a document as it was found in the index, with its vector added."""
    return _lines(product_id, version, encoder.encode(source), vector)


def _lines(product_id: int, version: int, content: bytes, vector: bytes | None) -> bytes:
    added = b',"vector":%b}' % vector if vector else b"}"
    return ACTION % (product_id, version) + content[:-1] + added


def _labels(category: CategoryPath) -> list[str]:
    parents = ["", *category.slugs]
    rows = zip(category.ids, parents, category.slugs, category.names, strict=False)
    return [packed_label(category_id, parent, slug, name) for category_id, parent, slug, name in rows]
