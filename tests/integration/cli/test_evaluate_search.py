"""`aisle evaluate-search` on the real Elasticsearch."""

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import aisle
from schemas.environment import load
from schemas.search_settings import SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.bulk_writer import BulkWriter
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_document import product_document
from tests.factories.product_snapshots import product_snapshot

pytestmark = pytest.mark.servers

JUDGMENTS = "query,product_id,grade\nlamp,SKU-1,3\nlamp,SKU-2,0\nfan,SKU-2,3\n"


async def fill(settings: SearchSettings) -> None:
    client = open_writing_client(settings)
    indexes = ProductIndexes(client, settings)
    await indexes.ensure()
    products = [product_snapshot(1, title="Desk lamp"), product_snapshot(2, title="Desk fan")]
    await BulkWriter(client, indexes.names.writes).write([product_document(each) for each in products])
    await client.indices.refresh(index=indexes.names.reads)
    await client.close()


async def remove(settings: SearchSettings) -> None:
    client = open_writing_client(settings)
    await client.indices.delete(index=ProductIndexes(client, settings).names.initial)
    await client.close()


@pytest.fixture(scope="module")
def variables(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """An installation with two products."""
    prefix = f"{environment['SEARCH_INDEX_PREFIX']}-{uuid.uuid4().hex[:8]}"
    settings = load(SearchSettings, {**environment, "SEARCH_INDEX_PREFIX": prefix})
    asyncio.run(fill(settings))
    yield {**environment, "SEARCH_INDEX_PREFIX": prefix}
    asyncio.run(remove(settings))


@pytest.fixture
def judgments(tmp_path: Path) -> Path:
    file = tmp_path / "judgments.csv"
    file.write_text(JUDGMENTS, encoding="utf-8")
    return file


def evaluate(variables: Mapping[str, str], *arguments: object) -> Result:
    return CliRunner().invoke(aisle, ["evaluate-search", *map(str, arguments)], env=dict(variables))


def test_the_table_has_each_measure_with_its_interval(
    variables: dict[str, str], judgments: Path, tmp_path: Path
) -> None:
    items, typos = tmp_path / "items.csv", tmp_path / "typos.csv"
    items.write_text("query,product_id\ndesk fan,SKU-2\n", encoding="utf-8")
    typos.write_text("typo,intended\nlapm,lamp\n", encoding="utf-8")
    result = evaluate(variables, judgments, "--known-items", items, "--typos", typos)
    assert result.exit_code == 0, result.output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines() if "│" in line]
    assert [row[:4] for row in rows] == [
        ["judged-only NDCG@10", "1.000", "1.000-1.000", "2"],
        ["NDCG@10, unjudged = 0", "1.000", "1.000-1.000", "2"],
        ["judged@10", "0.100", "0.100-0.100", "2"],
        ["known items MRR", "1.000", "1.000-1.000", "1"],
        ["misspelt: share that the intended word finds", "1.000", "1.000-1.000", "1"],
        ["misspelt: empty answers", "0.000", "0.000-0.000", "1"],
    ]


def test_only_what_was_given_is_measured(variables: dict[str, str], judgments: Path) -> None:
    result = evaluate(variables, judgments)
    assert result.exit_code == 0
    assert "known items" not in result.stdout
    assert "misspelt" not in result.stdout


def test_a_bad_file_and_a_missing_index_end_the_command(variables: dict[str, str], judgments: Path) -> None:
    judgments.write_text("query,product_id,grade\nlamp,SKU-1,9\n", encoding="utf-8")
    refused = evaluate(variables, judgments)
    assert (refused.exit_code, "judgments.csv:2: a grade is" in refused.output) == (1, True)
    judgments.write_text(JUDGMENTS, encoding="utf-8")
    without = evaluate({**variables, "SEARCH_INDEX_PREFIX": "nothing-here"}, judgments)
    assert (without.exit_code, "no index" in without.output) == (1, True)
