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
from order_service.carts.expire_reservations import abandon_stale_carts, expire_reservations
from order_service.database.engine import Database, open_database
from order_service.jobs.job_metrics import JobMetrics
from order_service.jobs.prune_expired import prune_expired
from order_service.jobs.run_jobs import run_jobs
from order_service.jobs.task import NeededServerAway, Task
from order_service.jobs.update_popularity import HALF_LIFE_DAYS, WINDOW_DAYS, update_popularity
from order_service.orders.cancel_unpaid_orders import cancel_unpaid_orders
from order_service.orders.reconcile_payments import look_at_waiting_payments, reconcile_payments
from order_service.payments.providers import Providers, open_providers
from schemas.environment import load
from schemas.search_settings import SearchSettings
from schemas.settings import DatabaseSettings, JobSettings
from schemas.shop_settings import CartSettings, ShopSettings, StripeSettings
from search_indexer.errors import SearchTimeout, SearchUnavailable
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.relevance.learn_completions import learn_completions
from search_indexer.storage.click_weights import read_click_weights

STATEMENT_TIMEOUT_MS = 60_000
"""Of one statement of a task: they go over whole tables, which a request never does."""

EXPIRY_S = 0.5
"""Pause between looks for reservations whose time is over: none may outlive it by more than two seconds."""

PATIENCE_S = 10.0
"""How long a question of a task to Elasticsearch may take."""

PAYMENTS_S = 30.0
"""Pause between looks for payments without an answer, and for orders that nobody paid."""


@dataclass(frozen=True, slots=True)
class JobsSettings:
    """Everything the jobs read from their environment."""

    database: DatabaseSettings
    search: SearchSettings
    jobs: JobSettings
    carts: CartSettings
    shop: ShopSettings
    stripe: StripeSettings


@click.command()
def jobs() -> None:
    """Do what is due from time to time; start several, one works and the others stand by."""
    settings = load(JobsSettings, os.environ)
    metrics = JobMetrics()

    async def work(stop: asyncio.Event) -> None:
        database = open_database(settings.database, application="aisle jobs", statement_timeout_ms=STATEMENT_TIMEOUT_MS)
        providers = open_providers(settings.stripe)
        try:
            due = [*tasks(database, settings, metrics), *payment_tasks(database, providers, settings.shop)]
            await run_jobs(settings.database, due, metrics, stop)
        finally:
            await providers.close()
            await database.close()

    with ExitStack() as serving:
        try:
            serving.enter_context(
                metrics_served(metrics.registry, settings.jobs.metrics_address, settings.jobs.metrics_port)
            )
        except OSError as error:
            raise click.ClickException(f"JOBS_METRICS_PORT: cannot listen there: {error.strerror}") from error
        run_until_signalled("jobs", settings.shop.environment, work)


def tasks(database: Database, settings: JobsSettings, metrics: JobMetrics) -> Sequence[Task]:
    """List what is done, each as often as its setting says."""
    every = settings.jobs
    return [
        Task("prune-expired", 60.0 * every.prune_minutes, partial(prune_expired, database)),
        Task("expire-reservations", EXPIRY_S, partial(expire_reservations, database, metrics.observe_expiry_lag)),
        Task("abandon-carts", 60.0, partial(abandon_stale_carts, database, settings.carts.abandon_minutes)),
        Task("completions", 60.0 * every.completions_minutes, partial(completions, database, settings)),
        Task("popularity", 60.0 * every.popularity_minutes, partial(popularity, database)),
    ]


async def completions(database: Database, settings: JobsSettings) -> int:
    """Learn anew what to complete typed text to; gives how many completions there are if they changed."""
    reader = SearchReader(settings.search, PATIENCE_S)
    try:
        return await learn_completions(database, SuggestionReader(reader.ask), settings.jobs.completion_searchers)
    except (SearchUnavailable, SearchTimeout) as error:
        raise NeededServerAway from error
    finally:
        await reader.close()


async def popularity(database: Database) -> int:
    """Bring the products' popularity up to date with what was bought and clicked; gives how many changed."""
    clicks = await read_click_weights(database, WINDOW_DAYS, HALF_LIFE_DAYS)
    return await update_popularity(database, clicks)


def payment_tasks(database: Database, providers: Providers, shop: ShopSettings) -> Sequence[Task]:
    """List what is done about payments; orders are cancelled only where payment is required."""
    reconcile = Task("reconcile-payments", PAYMENTS_S, partial(reconcile_payments, database, providers))
    waiting = Task("waiting-payments", PAYMENTS_S, partial(look_at_waiting_payments, database, providers))
    unpaid = Task("cancel-unpaid", PAYMENTS_S, partial(cancel_unpaid_orders, database, shop.payment_ttl_minutes))
    return [reconcile, waiting, unpaid] if shop.payment_required else [reconcile, waiting]
