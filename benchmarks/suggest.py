"""Suggestions at 500 requests a second, beside the health route of the same process under the same load.

Two kinds of traffic on the seed catalogue: typing as shoppers do (beginnings of queries whose frequencies follow Zipf's
law), and beginnings of which none was asked for before. The API is one process with everything on but limits that
anybody meets; it shares the processors with Elasticsearch and the client.
"""

import itertools
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import uvloop

from benchmarks.fixed_rate import FixedRate
from benchmarks.latencies import MEDIAN, NEARLY_ALL, latency_row, percentile
from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Row
from benchmarks.search_http import serving
from order_service.catalog.seed.catalogue import products
from tests.factories.processes import run_aisle
from tests.factories.running_shop import V1

NAME = "suggestions"

PER_SECOND = 500
WARM_UP, MEASURED = 3_000, 15_000
QUERIES = 1_000
GOAL_MS = 10


def run() -> list[Row]:
    """Measure on an index of its own; takes about two minutes."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "seed")
        run_aisle(environment, "reindex")
        titles = [fields["title"] for fields in products("USD")]
        with serving({**environment, "RATE_SUGGEST": "1000000/min"}, Path(folder)) as address:
            return uvloop.run(measured(address, titles))


async def measured(address: str, titles: Sequence[str]) -> list[Row]:
    """Ask the API at that address in both ways."""
    parts = urlsplit(address)
    client = FixedRate(parts.hostname or "", parts.port or 0)
    await client.open()
    generator = random.Random(5)  # noqa: S311 - load, not a secret
    typed, distinct = typing(titles, generator), never_twice(titles, generator)
    await client.run([*_paths(typed, WARM_UP), *_paths(distinct, WARM_UP)], PER_SECOND)
    floor = await client.run(["/health/live"] * MEASURED, PER_SECOND)
    rows = []
    for kind, words in (("beginnings of Zipf queries", typed), ("no beginning twice", distinct)):
        seconds = await client.run(list(_paths(words, MEASURED)), PER_SECOND)
        rows += [_row(kind, seconds, floor, share) for share in (MEDIAN, NEARLY_ALL)]
    client.close()
    return rows


def typing(titles: Sequence[str], generator: random.Random) -> Iterator[str]:
    """Give beginnings of queries of one to three words: a query by Zipf's law (exponent 1), typed to any length."""
    queries = [query for query, _ in zip(_queries(titles, generator), range(QUERIES), strict=False)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(queries) + 1)))
    while True:
        [query] = generator.choices(queries, cum_weights=weights)
        yield query[: generator.randint(1, len(query))]


def never_twice(titles: Sequence[str], generator: random.Random) -> Iterator[str]:
    """Give beginnings of two to four words of which none comes again."""
    seen: set[str] = set()
    for query in _queries(titles, generator):
        beginning = query[: generator.randint(3, max(len(query), 3))].rstrip()
        if beginning not in seen:
            seen.add(beginning)
            yield beginning


def _queries(titles: Sequence[str], generator: random.Random) -> Iterator[str]:
    while True:
        words = generator.choice(titles).replace(",", "").lower().split()
        start = generator.randrange(len(words))
        yield " ".join(words[start : start + generator.randint(1, 3)])


def _paths(words: Iterator[str], count: int) -> Iterator[str]:
    return (f"{V1}/search/suggest?q={quote(each)}" for each in itertools.islice(words, count))


def _row(kind: str, seconds: Sequence[float], floor: Sequence[float], share: float) -> Row:
    claim = f"suggest at {PER_SECOND}/s, {kind}"
    return latency_row(
        claim,
        seconds,
        share,
        reference_s=percentile(floor, share),
        reference_name="/health/live at that rate",
        at_most_ms=GOAL_MS,
    )
