"""`aisle consume index` as a real process: documents get their vectors, and its metrics say so."""

import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest

from schemas.environment import load
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from tests.factories.processes import AisleProcess, eventually, free_port
from tests.factories.product_snapshots import product_snapshot
from tests.factories.tiny_model import put_tiny_model

pytestmark = pytest.mark.servers


def told(port: int, name: str) -> float:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))


async def test_documents_without_a_vector_get_theirs_and_the_metrics_tell(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    own = load(SearchSettings, {**environment, "SEARCH_INDEX_PREFIX": f"{environment['SEARCH_INDEX_PREFIX']}-consume"})
    client = open_writing_client(own)
    indexes = ProductIndexes(client, own)
    await indexes.ensure()
    await BulkWriter(client, indexes.names.writes).write([product_document(product_snapshot(5, title="red lamp"))])
    put_tiny_model(tmp_path / "model")
    port = free_port()
    more = {
        "MODEL_FOLDER": str(tmp_path / "model"),
        "INDEX_METRICS_PORT": str(port),
        "SEARCH_INDEX_PREFIX": own.index_prefix,
    }
    process = AisleProcess({**environment, **more}, tmp_path, "consume", "index")
    process.start()
    try:
        eventually(lambda: _is_open(port) and told(port, "aisle_index_vectors_filled_total") == 1, 60)
    finally:
        assert process.stop() == 0
        await client.indices.delete(index=indexes.names.initial)
        await client.close()


def _is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_a_metrics_port_that_is_taken_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = AisleProcess({**environment, "INDEX_METRICS_PORT": port}, tmp_path, "consume", "index")
        process.start()
        eventually(lambda: "INDEX_METRICS_PORT: cannot listen there" in process.log.read_text(encoding="utf-8"), 30)
        process.kill()
