"""`aisle jobs`: what is done from time to time, until it is stopped."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import click

from cli.long_running import run_until_signalled
from observability.metrics_server import metrics_served
from order_service.database.engine import Database, open_database
from order_service.jobs.job_metrics import JobMetrics
from order_service.jobs.prune_expired import prune_expired
from order_service.jobs.run_jobs import run_jobs
from order_service.jobs.task import Task
from order_service.jobs.update_popularity import HALF_LIFE_DAYS, WINDOW_DAYS, update_popularity
from schemas.environment import load
from schemas.settings import DatabaseSettings, JobSettings, ShopSettings
from search_indexer.storage.click_weights import read_click_weights

STATEMENT_TIMEOUT_MS = 60_000
"""Of one statement of a task: they go over whole tables, which a request never does."""


@dataclass(frozen=True, slots=True)
class JobsSettings:
    """Everything the jobs read from their environment."""

    database: DatabaseSettings
    jobs: JobSettings
    shop: ShopSettings


@click.command()
def jobs() -> None:
    """Do what is due from time to time; start several, one works and the others stand by."""
    settings = load(JobsSettings, os.environ)
    metrics = JobMetrics()

    async def work(stop: asyncio.Event) -> None:
        database = open_database(settings.database, application="aisle jobs", statement_timeout_ms=STATEMENT_TIMEOUT_MS)
        try:
            await run_jobs(settings.database, tasks(database, settings), metrics, stop)
        finally:
            await database.close()

    with ExitStack() as serving:
        try:
            serving.enter_context(
                metrics_served(metrics.registry, settings.jobs.metrics_address, settings.jobs.metrics_port)
            )
        except OSError as error:
            raise click.ClickException(f"JOBS_METRICS_PORT: cannot listen there: {error.strerror}") from error
        run_until_signalled("jobs", settings.shop.environment, work)


def tasks(database: Database, settings: JobsSettings) -> Sequence[Task]:
    """List what is done, each as often as its setting says."""
    every = settings.jobs
    return [
        Task("prune-expired", 60.0 * every.prune_minutes, partial(prune_expired, database)),
        Task("popularity", 60.0 * every.popularity_minutes, partial(popularity, database)),
    ]


async def popularity(database: Database) -> int:
    """Bring the products' popularity up to date with what was bought and clicked; gives how many changed."""
    clicks = await read_click_weights(database, WINDOW_DAYS, HALF_LIFE_DAYS)
    return await update_popularity(database, clicks)
