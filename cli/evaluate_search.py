"""`aisle evaluate-search`: measures the live index by judged queries, known items and misspellings, in one table."""

import asyncio
import os
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table

from cli.dependencies import load_settings
from schemas.search_settings import ModelSettings, SearchSettings
from search_indexer.errors import SearchError
from search_indexer.query.embedding import load_meaning
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.nearest import Meaning
from search_indexer.query.requests import Mode
from search_indexer.relevance.judgments import UnreadableJudgments, read_judgments, read_known_items, read_typos
from search_indexer.relevance.measured_search import (
    Measure,
    Ranker,
    judgment_measures,
    known_item_measures,
    measure_judgments,
    measure_known_items,
    measure_typos,
    typo_measures,
)

PATIENCE_S = 30.0
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("judgments", type=FILE)
@click.option("--known-items", type=FILE, help="CSV of query,product_id: the one product to answer first.")
@click.option("--typos", type=FILE, help="CSV of typo,intended: a misspelling and the word that was meant.")
@click.option("--mode", type=click.Choice(get_args(Mode)), default="lexical", show_default=True, help="How to search.")
def evaluate_search(judgments: Path, known_items: Path | None, typos: Path | None, mode: Mode) -> None:
    """Measure how well the live index answers, with 95 % bootstrap intervals and the mean of each query fold.

    JUDGMENTS is a CSV of query,product_id,grade with SKUs and grades from 0 to 3.
    """
    try:
        measures = asyncio.run(_measures(judgments, known_items, typos, mode))
    except (SearchError, UnreadableJudgments) as error:
        raise click.ClickException(str(error)) from error
    _print(measures, mode)


async def _measures(judgments: Path, known_items: Path | None, typos: Path | None, mode: Mode) -> list[Measure]:
    """Read every file before the first search, so that a bad one costs no waiting."""
    graded = read_judgments(judgments)
    items = read_known_items(known_items) if known_items else []
    misspelt = read_typos(typos) if typos else []
    reader = SearchReader(load_settings(SearchSettings), PATIENCE_S, meaning=_meaning() if mode == "hybrid" else None)
    ranker = Ranker(reader.search, mode)
    try:
        scores = await measure_judgments(ranker, graded)
        measures = judgment_measures(scores) if scores else []
        measures += known_item_measures(await measure_known_items(ranker, items)) if items else []
        return measures + (typo_measures(await measure_typos(ranker, misspelt)) if misspelt else [])
    finally:
        await reader.close()


def _meaning() -> Meaning:
    """Load the model; without one the hybrid's figures would be those of words alone."""
    meaning = load_meaning(load_settings(ModelSettings), os.environ)
    if meaning is None:
        raise click.ClickException("there is no model of sentence vectors: run `aisle models prepare`")
    return meaning


def _print(measures: list[Measure], mode: Mode) -> None:
    table = Table("measure", "mean", "95 % interval", "queries", "folds", title=f"mode={mode}")
    for each in measures:
        found = each.estimate
        folds = " ".join(f"{fold:.3f}" for fold in each.folds)
        table.add_row(each.name, f"{found.mean:.3f}", f"{found.low:.3f}-{found.high:.3f}", str(found.count), folds)
    Console(width=120).print(table)
