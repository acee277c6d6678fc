"""`aisle index audit` and `aisle index rollback`: is the live index right, and the way back to the one before."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from cli.dependencies import load_settings, with_database
from messaging.errors import RetryLater
from order_service.database.engine import Database
from schemas.search_settings import SearchSettings
from schemas.shop_settings import ShopSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.errors import SearchError
from search_indexer.index.audit import PATIENCE_S, Audit, AuditReport, Difference, Fault, audit_index
from search_indexer.index.product_vectors import KnownVectors
from search_indexer.index.repair import Target
from search_indexer.index.rollback import NothingToRollBackTo, roll_back
from search_indexer.index_names import IndexNames
from search_indexer.storage.rebuild_lock import RebuildIsRunning

Result = TypeVar("Result")


@click.group()
def index() -> None:
    """Check the live search index, repair it, or go back to the one before."""


@index.command()
@click.option("--repair", is_flag=True, help="Write anew what differs.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=PATIENCE_S,
    show_default=True,
    help="Seconds that changes on their way may take.",
)
def audit(*, repair: bool, patience: float) -> None:
    """Compare every product in Postgres with the index; exit 1 if any difference is left."""
    done = _reporting_faults(
        lambda: with_database("index audit", lambda found: audit_live_index(found, patience, repair=repair))
    )
    for each in done.examples:
        click.echo(_line(each))
    untold = done.left.total() - len(done.examples)
    if untold:
        click.echo(f"and {untold} more")
    click.echo(_summary(done, repair=repair))
    sys.exit(1 if done.left else 0)


async def audit_live_index(database: Database, patience_s: float, *, repair: bool) -> AuditReport:
    """Compare, and repair when asked to; raises what `audit_index` raises. `aisle verify` asks too."""
    search, currency = load_settings(SearchSettings), load_settings(ShopSettings).currency
    client = open_writing_client(search)
    try:
        target = Target(client, IndexNames(search.index_prefix).reads, vectors=KnownVectors(database))
        return await audit_index(Audit(target, database, currency, patience_s), repair=repair)
    finally:
        await client.close()


@index.command()
def rollback() -> None:
    """Make the index live again that was live before the last rebuild, brought up to what Postgres says now."""
    try:
        name, done = _reporting_faults(lambda: with_database("index rollback", _roll_back, least_connections=2))
    except NothingToRollBackTo:
        raise click.ClickException("no earlier index was kept") from None
    except RebuildIsRunning:
        raise click.ClickException("a rebuild is running") from None
    click.echo(f"{name} is live; {_summary(done, repair=True)}")
    sys.exit(1 if done.left else 0)


async def _roll_back(database: Database) -> tuple[str, AuditReport]:
    search, currency = load_settings(SearchSettings), load_settings(ShopSettings).currency
    client = open_writing_client(search)
    try:
        return await roll_back(client, database, search, currency)
    finally:
        await client.close()


def _reporting_faults(run: Callable[[], Result]) -> Result:
    try:
        return run()
    except (SearchError, RetryLater) as error:
        raise click.ClickException(str(error)) from error


def _line(each: Difference) -> str:
    return (
        f"{each.fault} {each.doc_id}: row version {each.row_version or '-'}, index version {each.index_version or '-'}"
    )


def _summary(done: AuditReport, *, repair: bool) -> str:
    counts = ", ".join(f"{done.found[fault]} {fault}" for fault in Fault)
    ending = f"; {done.found.total() - done.left.total()} repaired, {done.left.total()} left" if repair else ""
    return f"{done.compared} products compared: {counts}{ending}"
