from typing import Any

import pytest

from messaging.errors import RetryLater
from search_indexer.index import bulk_writer
from search_indexer.index.bulk_writer import MOST_BYTES, MOST_DOCUMENTS, BulkItem, Refused
from search_indexer.index.product_document import bulk_lines, product_document
from tests.factories.product_snapshots import product_snapshot

ITEMS = [BulkItem(n, bulk_lines(product_document(product_snapshot(n)))) for n in (1, 2)]


def sizes(items: list[BulkItem]) -> list[int]:
    return [len(chunk) for chunk in bulk_writer._chunks(items)]


def test_many_documents_go_in_several_requests() -> None:
    assert sizes(ITEMS * MOST_DOCUMENTS) == [MOST_DOCUMENTS, MOST_DOCUMENTS]
    assert sizes([]) == []


def test_large_documents_go_in_requests_of_their_own() -> None:
    assert sizes([ITEMS[0], BulkItem(3, b"x" * MOST_BYTES), ITEMS[1]]) == [1, 1, 1]


@pytest.mark.parametrize("status", [200, 201, 409])
def test_written_and_outdated_are_both_success(status: int) -> None:
    items = [{"index": {"status": status}}] * 2
    assert list(bulk_writer._refusals(ITEMS, items)) == []


def test_a_refused_document_is_named_with_the_whole_reason() -> None:
    error = {"type": "document_parsing_exception", "reason": "failed to parse", "caused_by": {"reason": "too big"}}
    items: list[dict[str, Any]] = [{"index": {"status": 200}}, {"index": {"status": 400, "error": error}}]
    expected = [Refused(2, "document_parsing_exception: failed to parse: too big")]
    assert list(bulk_writer._refusals(ITEMS, items)) == expected


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_an_overloaded_or_blocked_server_makes_the_batch_wait(status: int) -> None:
    items = [{"index": {"status": status, "error": {"type": "es_rejected_execution_exception"}}}] * 2
    with pytest.raises(RetryLater):
        list(bulk_writer._refusals(ITEMS, items))


def test_an_index_of_an_earlier_release_makes_the_batch_wait_instead_of_losing_it() -> None:
    error = {"type": "strict_dynamic_mapping_exception", "reason": "[vector] is not allowed"}
    with pytest.raises(RetryLater, match="wants `aisle reindex`"):
        list(bulk_writer._refusals(ITEMS, [{"index": {"status": 400, "error": error}}] * 2))
