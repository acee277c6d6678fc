from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionError, ConnectionTimeout  # noqa: A004 - the client's name for it

from search_indexer.errors import SearchError, SearchRefused, SearchTimeout, SearchUnavailable
from search_indexer.translated_errors import check_part, failure, translated_errors

META = ApiResponseMeta(429, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "localhost", 9200))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionTimeout("slow"), SearchTimeout),
        (ConnectionError("gone"), SearchUnavailable),
        (ApiError("many", META, {"error": "es_rejected_execution"}), SearchUnavailable),
    ],
)
def test_the_clients_errors_become_ours(error: Exception, expected: type[SearchError]) -> None:
    with pytest.raises(expected) as caught, translated_errors():
        raise error
    assert str(caught.value)


@pytest.mark.parametrize(
    ("status", "expected"), [(404, SearchUnavailable), (503, SearchUnavailable), (400, SearchRefused)]
)
def test_a_status_says_whose_fault_it_is(status: int, expected: type[SearchError]) -> None:
    body = {"error": {"type": "a_type", "root_cause": [{"reason": "because"}]}}
    error = failure(status, body)
    assert isinstance(error, expected)
    assert "a_type: because" in str(error)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"error": {"type": "t", "reason": "r"}, "status": 400}, SearchRefused),
        ({"timed_out": True, "_shards": {"failed": 0}}, SearchTimeout),
        ({"timed_out": False, "_shards": {"failed": 1}}, SearchUnavailable),
    ],
)
def test_half_an_answer_is_no_answer(part: dict[str, Any], expected: type[SearchError]) -> None:
    with pytest.raises(expected):
        check_part(part)


def test_a_whole_answer_passes() -> None:
    check_part({"timed_out": False, "_shards": {"failed": 0}})
