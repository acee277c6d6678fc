from collections import Counter

import pytest
from yarl import URL

from benchmarks.search_cache import is_whole, sent, zipf
from benchmarks.search_http import Call


def test_the_kth_query_comes_one_kth_as_often_as_the_first() -> None:
    counts = Counter(zipf(1_000, 50_000))
    assert set(counts) <= set(range(1_000))
    assert counts[0] / counts[1] == pytest.approx(2, rel=0.1)
    assert counts[0] / counts[9] == pytest.approx(10, rel=0.2)
    assert zipf(1_000, 100) == zipf(1_000, 100)


def test_an_answer_is_whole_by_its_length_or_its_last_chunk() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: y\r\n"
    assert not is_whole(head)
    assert not is_whole(head + b"Content-Length: 3\r\n\r\nab")
    assert is_whole(head + b"Content-Length: 3\r\n\r\nabc")
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc"
    assert not is_whole(chunked)
    assert is_whole(chunked + b"\r\n0\r\n\r\n")


def test_a_request_is_written_out_once() -> None:
    asked = sent(Call(URL("http://127.0.0.1:80/a?q=b%20c", encoded=True)))
    assert asked.request == b"GET /a?q=b%20c HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    posted = sent(Call(URL("http://127.0.0.1:9200/_search"), b"{}"))
    assert (posted.port, posted.request.endswith(b"Content-Length: 2\r\n\r\n{}")) == (9200, True)
