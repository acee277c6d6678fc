"""What sentence vectors cost: a query's and a product's beside a search and the writing of a document, and the memory.

The references are what the vector is added to: a lexical search straight to Elasticsearch, a document by bulk, and the
process without the model. All on one thread, one at a time. Needs the prepared model.
"""

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from elasticsearch import AsyncElasticsearch

from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Row
from order_service.catalog.seed.catalogue import products
from schemas.environment import load
from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.embedding_model.prepared_model import model_folder
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.embedded_text import text_of
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from search_indexer.query.embedding import Model, load_model
from tests.factories.product_snapshots import product_snapshot

NAME = "vectors"

TIMES = 300
KIB = 1024
"""`VmHWM`, the largest resident size, counts these (proc_pid_status(5)); `ru_maxrss` would count our own size too."""


class NoModel(Exception):
    """There is nothing to measure: `aisle models prepare` has not been run."""


def run() -> list[Row]:
    """Measure on an index of its own; takes about 15 seconds. Raises NoModel."""
    folder = model_folder(os.environ.get("MODEL_FOLDER", ""), os.environ)
    model = load_model(folder)
    if model is None:
        raise NoModel
    snapshots = [_snapshot(number, fields) for number, fields in enumerate(itertools.islice(products("USD"), TIMES), 1)]
    with fresh_environment() as environment:
        searched, written = asyncio.run(_references(load(SearchSettings, environment), snapshots))
    queries = [" ".join(each.title.split()[:3]) for each in snapshots]
    texts = [text_of(product_document(each)) or "" for each in snapshots]
    alone, loaded = _memory_mb(None), _memory_mb(folder)
    return [
        Row("vector of a query of three words, p50", _embedded_ms(model, queries), searched, "a lexical search", "ms"),
        Row("vector of a product, p50", _embedded_ms(model, texts), written, "a document by bulk, without", "ms"),
        Row("memory of a process with the model", loaded, alone, "without", "MB"),
    ]


def _embedded_ms(model: Model, texts: Sequence[str]) -> float:
    return statistics.median(_ms(lambda text=text: model.embed([text])) for text in texts)  # type: ignore[misc]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


async def _references(settings: SearchSettings, snapshots: Sequence[ProductSnapshot]) -> tuple[float, float]:
    """Give the median milliseconds of a search of three words and those of a document among many in bulk."""
    client = open_writing_client(settings)
    try:
        indexes = ProductIndexes(client, settings)
        await indexes.ensure()
        started = time.perf_counter()
        await BulkWriter(client, indexes.names.writes).write([product_document(each) for each in snapshots])
        written = 1000 * (time.perf_counter() - started) / len(snapshots)
        await client.indices.refresh(index=indexes.names.reads)
        searched = [await _searched_ms(client, indexes.names.reads, each.title) for each in snapshots]
        return statistics.median(searched), written
    finally:
        await client.close()


async def _searched_ms(client: AsyncElasticsearch, index: str, title: str) -> float:
    words = " ".join(title.split()[:3])
    query = {"multi_match": {"query": words, "type": "cross_fields", "operator": "and", "fields": ["title", "brand"]}}
    started = time.perf_counter()
    await client.search(index=index, query=query, size=20)
    return 1000 * (time.perf_counter() - started)


def _memory_mb(folder: Path | None) -> float:
    """Give the largest resident size of a new process that has the libraries, and the model of the folder if any."""
    code = "import sys, pathlib; from search_indexer.query.embedding import load_model\n"
    code += "model = [load_model(pathlib.Path(name)) for name in sys.argv[1:]]\n"
    code += "[each.embed(['three small words']) for each in model]\n"
    code += "print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"
    command = [sys.executable, "-c", code, *([str(folder)] if folder else [])]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - built right here
    return int(told.stdout.split()[-1]) * KIB / 1e6


def _snapshot(number: int, fields: dict[str, object]) -> ProductSnapshot:
    names = str(fields["product_type"]).split(" > ")
    return product_snapshot(
        number,
        title=str(fields["title"]),
        description=str(fields.get("description") or ""),
        category=CategoryPath(ids=list(range(1, len(names) + 1)), names=names, slugs=names),
    )
