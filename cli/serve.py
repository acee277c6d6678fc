"""`aisle serve`: the HTTP API."""

import os
from dataclasses import replace

import click

from api.server import WrongSchema, run
from api.settings import ApiSettings
from observability.logging import configure_logging
from schemas.environment import load


@click.command(short_help="Answer HTTP requests.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; default PORT, else 8000.")
@click.option("--host", help="Address to listen on; default BIND_ADDRESS, else 127.0.0.1.")
@click.option("--processes", type=click.IntRange(1, 256), help="Processes to start; default API_PROCESSES, else 1.")
def serve(port: int | None, host: str | None, processes: int | None) -> None:
    """Answer HTTP requests until told to stop; running requests are finished first."""
    settings = load(ApiSettings, os.environ)
    http = replace(
        settings.http,
        port=settings.http.port if port is None else port,
        address=host or settings.http.address,
        processes=processes or settings.http.processes,
    )
    configure_logging("api", settings.shop.environment)
    try:
        run(replace(settings, http=http))
    except (WrongSchema, OSError) as error:
        raise click.ClickException(str(error)) from error
