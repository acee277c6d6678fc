"""`aisle reindex`: rebuilds the products' index beside the live one, with a progress bar."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from messaging.errors import RetryLater
from order_service.database.engine import Database, open_database
from schemas.environment import load
from schemas.search_settings import ModelSettings, SearchSettings
from schemas.settings import DatabaseSettings, KafkaSettings
from schemas.shop_settings import ShopSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.embedding_model.prepared_model import model_folder
from search_indexer.errors import SearchError
from search_indexer.index.background_embedding import BackgroundEmbedder
from search_indexer.index.gate import GateRefused, Judgments
from search_indexer.index.product_vectors import CompletedVectors, KnownVectors, VectorSource
from search_indexer.index.reindex import CountsDiffer, Rebuild, Report, reindex_if_missing
from search_indexer.index.reindex import reindex as rebuild_index
from search_indexer.query.embedding import load_model
from search_indexer.relevance.judgments import UnreadableJudgments, read_judgments
from search_indexer.storage.rebuild_lock import RebuildIsRunning

STAGES = {
    "load": "Loading products from Postgres",
    "replay": "Replaying what changed meanwhile",
    "compare": "Comparing with Postgres",
    "ask": "Comparing answers with the live index",
    "swap": "Swapping the aliases",
}


@click.command()
@click.option("--if-missing", is_flag=True, help="Do nothing when this release built the index before.")
@click.option(
    "--judgments",
    envvar="JUDGMENTS_FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of query,product_id,grade that the new index must answer as well as the live one.",
)
@click.option("--force", is_flag=True, help="Swap whatever the gate would say.")
@click.option(
    "--keep",
    type=click.IntRange(0, 20),
    default=1,
    show_default=True,
    help="Earlier indexes that stay for a rollback.",
)
def reindex(*, if_missing: bool, judgments: Path | None, force: bool, keep: int) -> None:
    """Rebuild the search index from Postgres without a gap in answers or updates."""
    try:
        graded = read_judgments(judgments) if judgments else {}
        asyncio.run(_reindex(graded, only_if_missing=if_missing, force=force, keep=keep))
    except RebuildIsRunning:
        click.echo("another rebuild is running", err=True)
        sys.exit(1)
    except (CountsDiffer, GateRefused, UnreadableJudgments, SearchError, RetryLater) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


async def _reindex(judgments: Judgments, *, only_if_missing: bool, force: bool, keep: int) -> None:
    search = load(SearchSettings, os.environ)
    kafka = load(KafkaSettings, os.environ)
    currency = load(ShopSettings, os.environ).currency
    pool = load(DatabaseSettings, os.environ)
    pool = replace(pool, pool_size=max(pool.pool_size, 2))  # one connection holds the rebuild lock
    database = open_database(pool, application="aisle reindex", statement_timeout_ms=0)
    client = open_writing_client(search)
    try:
        with _progress() as progress, _vectors(database, only_known=only_if_missing) as vectors:
            report = _reporter(progress)
            rebuild = Rebuild(client, database, search, kafka, currency, judgments, vectors, force, keep, report)
            name = await (reindex_if_missing(rebuild) if only_if_missing else rebuild_index(rebuild))
    finally:
        await client.close()
        await database.close()
    _tell(name, rebuild)


@contextmanager
def _vectors(database: Database, *, only_known: bool) -> Iterator[VectorSource]:
    """Make missing vectors before the swap, unless a first start waits for us or there is no model."""
    model = None if only_known else load_model(model_folder(load(ModelSettings, os.environ).folder, os.environ))
    if model is None:
        yield KnownVectors(database)
        return
    with BackgroundEmbedder(model, threads=os.cpu_count() or 1) as embedder:
        yield CompletedVectors(database, embedder)


def _tell(name: str | None, rebuild: Rebuild) -> None:
    if name is None:
        click.echo("the index is there already")
        return
    for refused in rebuild.refused:
        click.echo(f"product {refused.product_id} cannot be indexed: {refused.reason}", err=True)
    click.echo(f"{rebuild.loaded} products indexed in {name}")


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _reporter(progress: Progress) -> Report:
    task = progress.add_task("Starting", total=None)

    def report(stage: str, done: int, total: int | None) -> None:
        progress.update(task, description=STAGES[stage], completed=done, total=total)

    return report
