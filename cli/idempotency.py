"""`aisle idempotency`: what an operator does to idempotency keys by hand."""

import click

from cli.dependencies import with_database
from order_service.jobs.prune_expired import prune_idempotency_keys


@click.group()
def idempotency() -> None:
    """Look after idempotency keys."""


@idempotency.command()
def prune() -> None:
    """Delete the keys whose time is over; `aisle jobs` does so by itself."""
    pruned = with_database("idempotency", prune_idempotency_keys)
    click.echo(f"deleted {pruned} expired {'key' if pruned == 1 else 'keys'}")
