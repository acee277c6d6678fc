"""Faceted search over HTTP beside whole bodies sent straight to Elasticsearch, in turns within the same run.

All are asked by the same asyncio client over eight connections, on the seed catalogue. The API is one process of
`aisle serve` with everything on: live quantities, rate limits, metrics. The client takes its share of the processors
on both sides, which moves the ratio towards 1.
"""

import asyncio
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import aiohttp
import msgspec
import uvloop
from yarl import URL

from benchmarks.own_servers import fresh_environment
from benchmarks.reference_search import reference_body
from benchmarks.rows import Goal, Row
from order_service.catalog.seed.catalogue import products
from schemas.environment import load
from schemas.search_settings import SearchSettings
from search_indexer.index_names import IndexNames
from search_indexer.query.requests import Mode, SearchRequest
from tests.factories.http_client import HttpClient
from tests.factories.processes import AisleProcess, eventually, free_port, run_aisle
from tests.factories.running_shop import V1

NAME = "search over HTTP"

CONNECTIONS = 8
SEARCHES = 200
FACETS = ("brand", "category", "price", "in_stock")
WARM_UP_S, ROUNDS, ROUND_S = 6.0, 8, 1.5
LEXICAL_RATIO, HYBRID_RATIO = 0.85, 0.5
OK = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, ready to be sent again and again; without a body it is a GET."""

    url: URL
    body: bytes | None = None


def run() -> list[Row]:
    """Measure both modes on an index of its own, with the pages' cache off; takes about 75 seconds."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "seed")
        run_aisle(environment, "reindex")
        searches = seed_searches(SEARCHES)
        raw = [raw_call(load(SearchSettings, environment), each) for each in searches]
        with serving({**environment, "SEARCH_CACHE_SECONDS": "0"}, Path(folder)) as address:
            lexical = [api_call(address, each, "lexical") for each in searches]
            hybrid = [api_call(address, each, "hybrid") for each in searches]
            measured = uvloop.run(_measured(lexical, hybrid, raw))
    reference = "the whole bodies to Elasticsearch"
    return [
        Row(f"faceted {mode} search, {CONNECTIONS} connections", rate, measured.raw, reference, "req/s", Goal(wanted))
        for mode, rate, wanted in (
            ("lexical", measured.lexical, LEXICAL_RATIO),
            ("hybrid", measured.hybrid, HYBRID_RATIO),
        )
    ]


def seed_searches(count: int) -> list[SearchRequest]:
    """Draw two words of a product's title each, every second time among the product's brand; the same each time."""
    generator = random.Random(8)  # noqa: S311 - load, not a secret
    drawn = generator.sample(list(products("USD")), count)
    return [
        SearchRequest(
            q=" ".join(generator.sample(fields["title"].replace(",", "").split(), 2)),
            brand=[fields["brand"]] if number % 2 else [],
            facets=FACETS,
        )
        for number, fields in enumerate(drawn)
    ]


def api_call(address: str, search: SearchRequest, mode: Mode | None = None) -> Call:
    """Ask the API for the search, in the usual mode unless one is named."""
    asked = {
        "q": search.q,
        "brand": search.brand,
        "facets": ",".join(search.facets),
        "collapse": "false",  # as the reference, which knows no groups
        **({"mode": mode} if mode else {}),
    }
    return Call(URL(f"{address}{V1}/search/products?{urlencode(asked, doseq=True)}", encoded=True))


def raw_call(settings: SearchSettings, search: SearchRequest) -> Call:
    """Ask Elasticsearch for the search."""
    address = f"{settings.url}/{IndexNames(settings.index_prefix).reads}/_search"
    return Call(URL(address), msgspec.json.encode(reference_body(search)))


@contextmanager
def serving(environment: Mapping[str, str], folder: Path, processes: int = 1) -> Iterator[str]:
    """Run `aisle serve` with limits that nobody meets; gives its address once it is ready."""
    port = free_port()
    limits = {f"RATE_{scope}": "1000000/min" for scope in ("ANON", "USER", "SEARCH", "ORDERS", "AUTH")}
    sized = ("--port", str(port), "--processes", str(processes))
    api = AisleProcess({**environment, **limits, "METRICS_PORT": "0"}, folder, "serve", *sized)
    client = HttpClient(f"http://127.0.0.1:{port}")
    api.start()
    try:
        eventually(lambda: is_ready(client), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        api.stop()


def is_ready(client: HttpClient) -> bool:
    """Whether the API and everything it needs answers."""
    try:
        return bool(client.call("GET", "/health/ready").json.get("status") == "ok")
    except OSError:
        return False


class Measured(NamedTuple):
    """Answers a second."""

    lexical: float
    hybrid: float
    raw: float


async def _measured(lexical: Sequence[Call], hybrid: Sequence[Call], raw: Sequence[Call]) -> Measured:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers={"Accept-Encoding": "identity"}) as session:
        kept = await _comparable(session, lexical, raw)
        sides = [[calls[each] for each in kept] for calls in (lexical, hybrid, raw)]
        for calls in sides:
            await per_second(session, calls, WARM_UP_S)
        rates = [[await per_second(session, calls, ROUND_S) for calls in sides] for _ in range(ROUNDS)]
    return Measured(*(sum(each) / ROUNDS for each in zip(*rates, strict=True)))


async def _comparable(session: aiohttp.ClientSession, served: Sequence[Call], raw: Sequence[Call]) -> list[int]:
    """Give the places of the searches that all words answer, as in the reference; a quarter of them must be such.

    Raises RuntimeError when the two sides of one of those find different numbers of products.
    """
    kept = []
    for place, (call, bare) in enumerate(zip(served, raw, strict=True)):
        answer: Any = json.loads(await answered(session, call))
        if answer["answered_by"] != "all_words":
            continue
        total = json.loads(await answered(session, bare))["hits"]["total"]["value"]
        if answer["count"] != total:
            raise RuntimeError(f"{call.url} found {answer['count']}, Elasticsearch {total}")
        kept.append(place)
    if 4 * len(kept) < len(served):
        raise RuntimeError(f"only {len(kept)} of {len(served)} searches are answered by the first rung")
    return kept


async def answered(session: aiohttp.ClientSession, call: Call) -> bytes:
    """Send one request and read the whole answer; raises RuntimeError unless it is 200."""
    headers = {"Content-Type": "application/json"} if call.body else None
    async with session.request("POST" if call.body else "GET", call.url, data=call.body, headers=headers) as answer:
        body = await answer.read()
        if answer.status != OK:
            raise RuntimeError(f"{call.url} answered {answer.status}: {body[:500]!r}")
        return body


async def per_second(session: aiohttp.ClientSession, calls: Sequence[Call], seconds: float) -> float:
    """Send the calls in turn from every connection at once for so long; gives whole answers a second."""
    turn = itertools.cycle(calls)
    started = time.monotonic()
    done = 0

    async def connection() -> None:
        nonlocal done
        while time.monotonic() < started + seconds:
            await answered(session, next(turn))
            done += 1

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return done / (time.monotonic() - started)
