"""`aisle import products|stores|inventory FILE`: brings a merchant's files into the catalogue and the stock."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from cli.dependencies import load_settings, with_database
from order_service.actor import Actor
from order_service.catalog.import_products import import_products
from order_service.catalog.import_report import Destination, ImportReport
from order_service.catalog.import_stores import import_stores
from order_service.catalog.line_reader import LineReader, UnreadableFile
from order_service.database.engine import Database
from order_service.stock.import_inventory import import_inventory
from schemas.shop_settings import ShopSettings

Importer = Callable[[Destination, LineReader, ImportReport], Awaitable[None]]

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group("import")
def import_files() -> None:
    """Bring in products, stores or inventory from a file; safe to repeat."""


@import_files.command()
@FILE
def products(file: Path) -> None:
    """Create and update products from a feed of JSON lines (.jsonl, .jsonl.gz), by id."""
    shop = load_settings(ShopSettings)

    async def work(destination: Destination, lines: LineReader, report: ImportReport) -> None:
        await import_products(destination, lines, shop.currency, report)

    _run(file, "products", work)


@import_files.command()
@FILE
def stores(file: Path) -> None:
    """Create and update stores from JSON lines, by code."""
    _run(file, "stores", import_stores)


@import_files.command()
@FILE
def inventory(file: Path) -> None:
    """Set what is on hand from CSV lines of store_code,id,quantity (.csv, .csv.gz)."""
    _run(file, "inventory", import_inventory)


def _run(file: Path, what: str, importer: Importer) -> None:
    """Import and tell; exits with 1 when a line was bad or the file could not be read to its end."""
    try:
        reader = LineReader(file)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    with reader as lines, _progress() as progress:
        report = ImportReport(on_bad=_teller(progress.console))
        broken = with_database("import", lambda database: _import(database, lines, report, progress, importer))
    if broken:
        click.echo(f"{broken}; what came before it is kept", err=True)
    click.echo(
        f"{what}: {report.created} created, {report.changed} changed, {report.unchanged} unchanged, {report.bad} bad"
    )
    if report.bad or broken:
        sys.exit(1)


async def _import(
    database: Database, lines: LineReader, report: ImportReport, progress: Progress, importer: Importer
) -> str | None:
    """Import with the bar moving; returns what is wrong with the file when it breaks off."""
    bar = progress.add_task("import", total=lines.size)
    report.on_batch = lambda: progress.update(bar, completed=lines.position)
    try:
        await importer(Destination(database, Actor("import")), lines, report)
    except UnreadableFile as error:
        return str(error)
    return None


def _progress() -> Progress:
    """Make a bar on standard error, which shows itself to a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _teller(console: Console) -> Callable[[int, str], None]:
    """Make the writer of bad lines; what a file holds never reaches the terminal as control characters."""

    def tell(number: int, reason: str) -> None:
        shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in reason)
        console.print(f"line {number}: {shown}", markup=False, highlight=False, soft_wrap=True)

    return tell
