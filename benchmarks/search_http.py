"""Faceted search over HTTP beside the same bodies sent straight to Elasticsearch, in turns within the same run.

Both are asked by the same asyncio client over eight connections, on the seed catalogue. The API is one process of
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
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
import uvloop
from yarl import URL

from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Goal, Row
from order_service.catalog.seed.catalogue import products
from schemas.environment import load
from schemas.settings import SearchSettings
from search_indexer.index_names import IndexNames
from search_indexer.query.ladder import first_rung
from search_indexer.query.query_builder import search_body
from search_indexer.query.requests import SearchRequest
from search_indexer.query.typed_text import readable
from tests.factories.http_client import HttpClient
from tests.factories.processes import AisleProcess, eventually, free_port, run_aisle
from tests.factories.running_shop import V1

NAME = "search over HTTP"

CONNECTIONS = 8
SEARCHES = 200
FACETS = ("brand", "category", "price", "in_stock")
WARM_UP_S, ROUNDS, ROUND_S = 6.0, 8, 1.5
WANTED_RATIO = 0.85
OK = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, ready to be sent again and again; without a body it is a GET."""

    url: URL
    body: bytes | None = None


def run() -> list[Row]:
    """Measure on an index of its own; takes about 45 seconds."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "seed")
        run_aisle(environment, "reindex")
        searches = seed_searches(SEARCHES)
        raw = [raw_call(load(SearchSettings, environment), each) for each in searches]
        with serving(environment, Path(folder)) as address:
            served = [api_call(address, each) for each in searches]
            throughput, reference = uvloop.run(_measured(served, raw))
    claim = f"faceted lexical search, {CONNECTIONS} connections"
    return [Row(claim, throughput, reference, "the bodies to Elasticsearch", "req/s", Goal(WANTED_RATIO))]


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


def api_call(address: str, search: SearchRequest) -> Call:
    """Ask the API for the search."""
    asked = {"q": search.q, "brand": search.brand, "facets": ",".join(search.facets)}
    return Call(URL(f"{address}{V1}/search/products?{urlencode(asked, doseq=True)}", encoded=True))


def raw_call(settings: SearchSettings, search: SearchRequest) -> Call:
    """Ask Elasticsearch for the search, spared collapsing and the second body that a chosen filter costs."""
    body = search_body(msgspec.structs.replace(search, collapse=False), first_rung(readable(search.q)))
    return Call(URL(f"{settings.url}/{IndexNames(settings.index_prefix).reads}/_search"), msgspec.json.encode(body))


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


async def _measured(served: Sequence[Call], raw: Sequence[Call]) -> tuple[float, float]:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers={"Accept-Encoding": "identity"}) as session:
        served, raw = await _comparable(session, served, raw)
        for calls in (served, raw):
            await per_second(session, calls, WARM_UP_S)
        rates = [
            (await per_second(session, served, ROUND_S), await per_second(session, raw, ROUND_S)) for _ in range(ROUNDS)
        ]
    return sum(api for api, _ in rates) / ROUNDS, sum(bare for _, bare in rates) / ROUNDS


async def _comparable(
    session: aiohttp.ClientSession, served: Sequence[Call], raw: Sequence[Call]
) -> tuple[list[Call], list[Call]]:
    """Keep the searches that the first rung answers alone, as the reference does; a quarter of them must be such.

    Raises RuntimeError when the two sides of one of those find different numbers of products.
    """
    kept = []
    for call, bare in zip(served, raw, strict=True):
        answer: Any = json.loads(await answered(session, call))
        if answer["answered_by"] != "all_words":
            continue
        total = json.loads(await answered(session, bare))["hits"]["total"]["value"]
        if answer["count"] != total:
            raise RuntimeError(f"{call.url} found {answer['count']}, Elasticsearch {total}")
        kept.append((call, bare))
    if 4 * len(kept) < len(served):
        raise RuntimeError(f"only {len(kept)} of {len(served)} searches are answered by the first rung")
    return [call for call, _ in kept], [bare for _, bare in kept]


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
