"""`aisle verify`: every invariant of orders, stock and events on the live database, the topic and the index."""

import sys
from typing import NamedTuple

import click

from cli.dependencies import load_settings, with_database
from cli.index import audit_live_index
from messaging.errors import RetryLater
from order_service.audit.verify_events import WrongEvents, verify_events
from order_service.audit.verify_tables import Broken, verify_tables
from order_service.database.engine import Database
from schemas.settings import KafkaSettings
from search_indexer.errors import SearchError
from search_indexer.index.audit import PATIENCE_S, AuditReport


class Findings(NamedTuple):
    """What breaks an invariant, on each side; the last two are None when only the tables were asked for."""

    tables: list[Broken]
    events: list[WrongEvents] | None
    documents: AuditReport | None


@click.command()
@click.option("--tables-only", is_flag=True, help="Leave out Kafka and the search index.")
def verify(*, tables_only: bool) -> None:
    """Check that stock, orders, events and index agree; exit 1 with the rows that break an invariant."""
    try:
        found = with_database("verify", lambda database: _verify(database, tables_only=tables_only))
    except (SearchError, RetryLater) as error:
        raise click.ClickException(str(error)) from error
    lines = _lines(found)
    for line in lines:
        click.echo(line)
    click.echo(f"{len(lines)} broken" if lines else "every invariant holds")
    sys.exit(1 if lines else 0)


async def _verify(database: Database, *, tables_only: bool) -> Findings:
    tables = await verify_tables(database)
    if tables_only:
        return Findings(tables, None, None)
    events = await verify_events(database, load_settings(KafkaSettings))
    return Findings(tables, events, await audit_live_index(database, PATIENCE_S, repair=False))


def _lines(found: Findings) -> list[str]:
    lines = [f"invariant {each.invariant.number}: {each.invariant.rule}: {_named(each)}" for each in found.tables]
    lines += [f"invariant 5: order {each.order_id}: {each.fault}" for each in found.events or ()]
    differences = found.documents.left if found.documents else {}
    return lines + [f"invariant 6: {count} documents of the index are {fault}" for fault, count in differences.items()]


def _named(broken: Broken) -> str:
    return ", ".join(f"{name} {value}" for name, value in broken.row.items())
