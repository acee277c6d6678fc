"""Searches that repeat as real ones do, through the cache, beside the same searches sent straight to Elasticsearch.

Queries are drawn by Zipf's law with exponent 1 from a thousand: the k-th most frequent comes 1/k as often as the first
(Zipf 1949; query logs of shops and web searches follow it nearly). Both sides are asked by the same client, which
writes prepared bytes and counts whole answers, over eight connections, on the seed catalogue. The API is one process
of `aisle serve` with everything on.
"""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from time import monotonic

import uvloop

from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Goal, Row
from benchmarks.search_http import CONNECTIONS, Call, api_call, raw_call, seed_searches, serving
from schemas.environment import load
from schemas.search_settings import SearchSettings
from tests.factories.processes import run_aisle

NAME = "cached searches"

QUERIES = 1_000
DRAWN = 20_000
WARM_UP_S, ROUNDS, ROUND_S = 6.0, 6, 2.0
WANTED_RATIO = 4.0
OK = b"HTTP/1.1 200 "
END_OF_HEAD = b"\r\n\r\n"
LAST_CHUNK = b"\r\n0\r\n\r\n"


def run() -> list[Row]:
    """Measure on an index of its own; takes about 50 seconds."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "seed")
        run_aisle(environment, "reindex")
        searches, order = seed_searches(QUERIES), zipf(QUERIES, DRAWN)
        raw = [sent(raw_call(load(SearchSettings, environment), each)) for each in searches]
        with serving(environment, Path(folder)) as address:
            served = [sent(api_call(address, each)) for each in searches]
            throughput, reference = uvloop.run(
                _measured([served[each] for each in order], [raw[each] for each in order])
            )
    claim = f"faceted lexical search, Zipf 1.0 over {QUERIES:,} queries, {CONNECTIONS} connections"
    return [Row(claim, throughput, reference, "the bodies to Elasticsearch", "req/s", Goal(WANTED_RATIO))]


def zipf(queries: int, drawn: int) -> list[int]:
    """Draw so many numbers below `queries`, the k-th (from 0) with weight 1 / (k + 1); the same each time."""
    chance = random.Random(1949)  # noqa: S311 - load, not a secret
    weights = list(accumulate(1 / rank for rank in range(1, queries + 1)))
    return chance.choices(range(queries), cum_weights=weights, k=drawn)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as bytes, and where it goes."""

    host: str
    port: int
    request: bytes


def sent(call: Call) -> Sent:
    """Write a call out once, so that sending it costs the client nothing more."""
    host, port = call.url.host or "", call.url.port or 80
    method = b"POST" if call.body else b"GET"
    content = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(call.body) if call.body else b""
    head = b"%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (method, call.url.raw_path_qs.encode(), host.encode(), content)
    return Sent(host, port, head + (call.body or b""))


class Connection(asyncio.Protocol):
    """Sends one request after the other until `until`, and counts the answers; `done` ends with that count."""

    def __init__(self, requests: Sequence[Sent], first: int, until: float) -> None:
        self._requests = requests
        self._next = first
        self._until = until
        self._received = bytearray()
        self._answers = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer that is whole and send the next request; anything but 200 ends it with an error."""
        self._received += data
        if not is_whole(self._received):
            return
        if not self._received.startswith(OK):
            self.done.set_exception(RuntimeError(bytes(self._received[:500])))
            self._transport.close()
            return
        self._answers += 1
        self._received.clear()
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """End with an error unless the time was up."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        if monotonic() >= self._until:
            self.done.set_result(self._answers)
            self._transport.close()
            return
        self._transport.write(self._requests[self._next % len(self._requests)].request)  # type: ignore[attr-defined]  # a TCP transport can write
        self._next += 1


def is_whole(received: bytes | bytearray) -> bool:
    """Whether an answer has all come, by its length or its last chunk; raises KeyError for one with neither."""
    head, end, body = bytes(received).partition(END_OF_HEAD)
    if not end:
        return False
    pairs = [line.lower().partition(b": ") for line in head.split(b"\r\n")[1:]]
    fields = {name: value for name, _, value in pairs}
    if fields.get(b"transfer-encoding") == b"chunked":
        return bool(body.endswith(LAST_CHUNK))
    return len(body) >= int(fields[b"content-length"])


async def per_second(requests: Sequence[Sent], first: int, seconds: float) -> float:
    """Send the requests in order from every connection, each from a place of its own; gives whole answers a second."""
    loop, started = asyncio.get_running_loop(), monotonic()
    connections = []
    for number in range(CONNECTIONS):
        place = first + number * len(requests) // CONNECTIONS
        made = Connection(requests, place, started + seconds)
        await loop.create_connection(lambda made=made: made, requests[0].host, requests[0].port)  # type: ignore[misc]  # bound now, not when called
        connections.append(made)
    answers = await asyncio.gather(*(each.done for each in connections))
    return sum(answers) / (monotonic() - started)


async def _measured(served: Sequence[Sent], raw: Sequence[Sent]) -> tuple[float, float]:
    for requests in (served, raw):
        await per_second(requests, 0, WARM_UP_S)
    rates = [
        (await per_second(served, place, ROUND_S), await per_second(raw, place, ROUND_S))
        for place in range(0, ROUNDS * 997, 997)
    ]
    return sum(api for api, _ in rates) / ROUNDS, sum(bare for _, bare in rates) / ROUNDS
