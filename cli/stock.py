"""`aisle stock rebuild`: the counters of stock levels against their rows."""

import sys

import click

from cli.dependencies import with_database
from order_service.database.engine import Database
from order_service.stock.rebuild_levels import Differing, differing_levels, rebuild_levels

MOST_TOLD = 100


@click.group()
def stock() -> None:
    """Check stock levels and make them anew."""


@stock.command()
@click.option("--check", is_flag=True, help="Only tell what differs.")
def rebuild(*, check: bool) -> None:
    """Make the counters of stock levels anew from ledger and reservations; exit 1 if any difference is left."""
    differing, left = with_database("stock rebuild", lambda database: _rebuild(database, check=check))
    for each in differing[:MOST_TOLD]:
        click.echo(
            f"store {each.store_id}, product {each.product_id}: {each.on_hand} on hand, the ledger says "
            f"{each.in_ledger}; {each.reserved} reserved, carts hold {each.held}"
        )
    click.echo(f"{len(differing)} levels differ from their rows, {len(differing) - len(left)} made anew")
    sys.exit(1 if left else 0)


async def _rebuild(database: Database, *, check: bool) -> tuple[list[Differing], list[Differing]]:
    differing = await differing_levels(database)
    return differing, differing if check else await rebuild_levels(database, differing)
