"""Compares every product in Postgres with the live index and repairs what differs; called by `aisle index audit`.

One pass over both sides, sorted by id, finds suspects; memory does not grow with the catalogue. What a suspect is:

    missing     Postgres has the product (a deleted one too), the index has no document of it
    stale       the document is of an earlier version than the row
    altered     same version and other content, or a version that the row never had: somebody else wrote it
    orphaned    a document of a product that Postgres never had

Under load every moment has products on their way through relay and Kafka, so suspects are looked at again until they
agree or patience ends. The index is always read before Postgres: a row may be ahead of its document, never behind.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import NamedTuple

from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from schemas.ids import ProductId
from schemas.search_document import SearchDocument
from search_indexer.index.content_hash import document_hash
from search_indexer.index.indexed_documents import Indexed, indexed_now, product_id_of, stream_indexed
from search_indexer.index.product_document import product_document
from search_indexer.index.repair import Target, Wrong, mend, replace
from search_indexer.translated_errors import translated_errors

PATIENCE_S = 10.0
LONGEST_WAIT_S = 60.0
"""Patience starts anew whenever a suspect was cleared (the consumer is catching up), but not beyond this."""

LOOK_EVERY_S = 0.25
SUSPECTS_AT_ONCE = 5_000
EXAMPLES = 100


class Fault(StrEnum):
    """How a document can differ from its row."""

    MISSING = "missing"
    STALE = "stale"
    ALTERED = "altered"
    ORPHANED = "orphaned"


class Difference(NamedTuple):
    """One document that differs, with both versions; None where that side has nothing."""

    fault: Fault
    doc_id: str
    row_version: int | None
    index_version: int | None


@dataclass(slots=True)
class AuditReport:
    """What an audit found: products compared, differences by kind, those left, and the first of those left."""

    compared: int = 0
    found: Counter[Fault] = field(default_factory=Counter)
    left: Counter[Fault] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit works with; `report` is told how many products are compared."""

    target: Target
    database: Database
    currency: str
    patience_s: float = PATIENCE_S
    report: Callable[[int], None] = lambda _compared: None


async def audit_index(audit: Audit, *, repair: bool) -> AuditReport:
    """Compare everything, with `repair` write what differs anew, and tell what is left.

    Safe beside running consumers and writes: a repair carries the row's version, so a newer document stays. Raises
    search_indexer's errors, order_service's Unavailable, and messaging's RetryLater when repairs cannot be written.
    """
    done = AuditReport()
    with translated_errors():
        suspects: dict[str, int] = {}
        async for doc_id, row_version in _suspects(audit, done):
            suspects[doc_id] = row_version
            if len(suspects) >= SUSPECTS_AT_ONCE:
                await _close_cases(audit, suspects, done, repair=repair)
                suspects = {}
        await _close_cases(audit, suspects, done, repair=repair)
    return done


async def _suspects(audit: Audit, done: AuditReport) -> AsyncIterator[tuple[str, int]]:
    """Walk both sides side by side and give the `_id` of what differs with the version its row had (0: no row)."""
    documents = stream_indexed(audit.target.client, audit.target.index)
    document = await anext(documents, None)  # opens the point in time: from here on rows are read after documents
    rows = _rows(audit, done)
    row = await anext(rows, None)
    while row is not None or document is not None:
        if document is None or (row is not None and row.id < document.place):
            assert row is not None  # noqa: S101 - the loop's condition, which the type checker cannot carry over
            yield str(row.id), row.version
            row = await anext(rows, None)
        elif row is None or document.place < row.id or document.doc_id != str(row.id):
            yield document.doc_id, 0
            document = await anext(documents, None)
        else:
            if _difference(document.doc_id, document, row):
                yield document.doc_id, row.version
            row, document = await anext(rows, None), await anext(documents, None)


async def _rows(audit: Audit, done: AuditReport) -> AsyncIterator[SearchDocument]:
    async for snapshots in stream_snapshots(audit.database, audit.currency):
        for snapshot in snapshots:
            yield product_document(snapshot)
        done.compared += len(snapshots)
        audit.report(done.compared)


async def _close_cases(audit: Audit, suspects: Mapping[str, int], done: AuditReport, *, repair: bool) -> None:
    wrong = await _settled(audit, suspects)
    done.found.update(each.difference.fault for each in wrong)
    if repair and wrong:
        for way in (mend, replace):  # the second for documents whose version stands in the way
            await way(audit.target, [each.wrong for each in wrong])
            seen = {each.difference.doc_id: each.difference.row_version or 0 for each in wrong}
            wrong = await _look(audit, seen)
            if not wrong:
                break
    done.left.update(each.difference.fault for each in wrong)
    done.examples += [each.difference for each in wrong][: EXAMPLES - len(done.examples)]


class Case(NamedTuple):
    """A difference with the document that should be there (None: nothing can be)."""

    difference: Difference
    wrong: Wrong


async def _settled(audit: Audit, suspects: Mapping[str, int]) -> list[Case]:
    """Look again until nothing differs, or until for `patience_s` nothing more came to agree."""
    started = last_progress = monotonic()
    remaining = dict(suspects)
    while True:
        cases = await _look(audit, remaining)
        if len(cases) < len(remaining):
            last_progress = monotonic()
        now = monotonic()
        if not cases or now > last_progress + audit.patience_s or now > started + LONGEST_WAIT_S:
            return cases
        remaining = {case.difference.doc_id: remaining[case.difference.doc_id] for case in cases}
        await asyncio.sleep(LOOK_EVERY_S)


async def _look(audit: Audit, first_seen: Mapping[str, int]) -> list[Case]:
    """Read both sides of each suspect again, the index first, and give those that still differ.

    One whose document came up to the version that its row had when it was first seen is being followed: its row
    only went on meanwhile.
    """
    indexed = await indexed_now(audit.target.client, audit.target.index, list(first_seen))
    rows = await _rows_of(audit, list(first_seen))
    cases: list[Case] = []
    for doc_id, version in first_seen.items():
        document, row = indexed.get(doc_id), rows.get(doc_id)
        found = _difference(doc_id, document, row)
        if found is None or (found.fault is Fault.STALE and 0 < version <= (found.index_version or 0)):
            continue
        cases.append(Case(found, Wrong(doc_id, row, found.index_version)))
    return cases


async def _rows_of(audit: Audit, doc_ids: Sequence[str]) -> dict[str, SearchDocument]:
    ids = [ProductId(product_id) for doc_id in doc_ids if (product_id := product_id_of(doc_id)) is not None]
    batches = stream_snapshots(audit.database, audit.currency, ids=ids)
    return {str(each.id): product_document(each) async for batch in batches for each in batch}


def _difference(doc_id: str, document: Indexed | None, row: SearchDocument | None) -> Difference | None:
    """Compare one document, read first, with its row; None when they agree or there is neither."""
    if row is None:
        if document is None or _is_tombstone(document):
            return None
        return Difference(Fault.ORPHANED, doc_id, None, document.version)
    if document is None:
        return Difference(Fault.MISSING, doc_id, row.version, None)
    if document.version < row.version:
        return Difference(Fault.STALE, doc_id, row.version, document.version)
    if document.version > row.version or document.digest != document_hash(row):
        return Difference(Fault.ALTERED, doc_id, row.version, document.version)
    return None


def _is_tombstone(document: Indexed) -> bool:
    """Whether the document says no more than that its product is deleted: what a repair makes of an orphan."""
    product_id = product_id_of(document.doc_id)
    if product_id is None:
        return False
    return document.digest == document_hash(SearchDocument(id=product_id, version=document.version, deleted=True))
