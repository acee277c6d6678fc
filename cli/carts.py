"""`aisle carts`: what an operator does to carts by hand."""

import click

from cli.dependencies import load_settings, with_database
from order_service.carts.expire_reservations import abandon_stale_carts
from schemas.shop_settings import CartSettings


@click.group()
def carts() -> None:
    """Look after shoppers' carts."""


@carts.command("abandon-stale")
@click.option(
    "--idle-minutes", type=click.IntRange(1, 525_600), help="Without a change for so long; CART_ABANDON_TTL_MINUTES."
)
def abandon_stale(idle_minutes: int | None) -> None:
    """Close carts that nobody changed for long, and give back what they hold; `aisle jobs` does so by itself."""
    minutes = idle_minutes or load_settings(CartSettings).abandon_minutes
    closed = with_database("carts", lambda database: abandon_stale_carts(database, minutes))
    click.echo(f"abandoned {closed} {'cart' if closed == 1 else 'carts'}")
