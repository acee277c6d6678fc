"""The floors of relevance on the real catalogue; weights and folds are in docs/decisions/0009-lexical-relevance.md."""

from pathlib import Path

import pytest

from search_indexer.index.product_document import product_document
from search_indexer.relevance.judgments import read_judgments, read_known_items, read_typos
from search_indexer.relevance.measured_search import (
    Ranker,
    judgment_measures,
    measure_judgments,
    measure_known_items,
    measure_typos,
)
from tests.factories.feed_snapshots import feed_snapshots
from tests.integration.search_indexer.conftest import Install

pytestmark = pytest.mark.servers

BATCH = 400

FOLD_FLOORS = (0.75, 0.95, 0.83, 0.77, 0.85)
"""Judged-only NDCG@10 of each query fold, a little below what was measured: none may pay for another."""


@pytest.fixture(scope="session")
async def lexical(install: Install, data_folder: Path) -> Ranker:
    """Search in the 19,406 products."""
    installation = await install()
    await installation.indexes.ensure()
    documents = [product_document(each) for each in feed_snapshots(data_folder / "icecat_feed.jsonl.gz")]
    for start in range(0, len(documents), BATCH):
        assert await installation.writer.write(documents[start : start + BATCH]) == []
    await installation.refresh()
    return Ranker(installation.reader.search, "lexical")


async def test_judged_queries_hold_their_floors_in_every_fold(lexical: Ranker, data_folder: Path) -> None:
    scores = await measure_judgments(lexical, read_judgments(data_folder / "judgments_public.csv"))
    judged_only, strict, _ = judgment_measures(scores)
    assert judged_only.estimate.mean >= 0.83
    assert strict.estimate.mean >= 0.72
    assert [mean >= floor for mean, floor in zip(judged_only.folds, FOLD_FLOORS, strict=True)] == [True] * 5


async def test_known_items_answer_first(lexical: Ranker, data_folder: Path) -> None:
    ranks = await measure_known_items(lexical, read_known_items(data_folder / "known_items_public.csv"))
    assert sum(ranks) / len(ranks) >= 0.98


async def test_misspellings_find_what_was_meant_and_never_nothing(lexical: Ranker, data_folder: Path) -> None:
    shares = await measure_typos(lexical, read_typos(data_folder / "typos_public.csv"))
    assert sum(share for share, _ in shares) / len(shares) >= 0.93
    assert not any(empty for _, empty in shares)
