"""`aisle consume index` and `aisle consume notifications`: the Kafka consumers, until they are stopped."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import click

from cli.long_running import run_until_signalled
from messaging.consumer import run_consumer
from messaging.messages import IncomingMessage
from messaging.topics import ensure_topics
from messaging.waiting import Stopped
from observability.metrics_server import metrics_served
from order_service.database.engine import Database, open_database
from order_service.notifications.compose_mail import CannotCompose, MailComposer
from order_service.notifications.mail_server import MailServer
from order_service.notifications.record_mail import record_mail
from order_service.notifications.send_mail import Mailer, send_mail_until_stopped
from schemas.environment import SettingsError, load
from schemas.events.topics import ORDER
from schemas.search_settings import IndexMetricsSettings, ModelSettings, SearchSettings
from schemas.settings import DatabaseSettings, KafkaSettings, MailSettings
from schemas.shop_settings import ShopSettings
from search_indexer.embedding_model.prepared_model import model_folder
from search_indexer.index.consumer import IndexedBatch, run_index_consumer
from search_indexer.index.index_metrics import IndexMetrics
from search_indexer.index.product_vectors import KnownVectors
from search_indexer.index.searchable_watch import SearchableWatch
from search_indexer.index.vector_filler import run_filler
from search_indexer.query.embedding import load_model

NOTIFICATION_GROUP = "notifications"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Everything the index consumer reads from its environment."""

    database: DatabaseSettings
    kafka: KafkaSettings
    search: SearchSettings
    model: ModelSettings
    metrics: IndexMetricsSettings
    shop: ShopSettings


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """Everything the notification consumer reads from its environment."""

    database: DatabaseSettings
    kafka: KafkaSettings
    mail: MailSettings
    shop: ShopSettings


@click.group()
def consume() -> None:
    """Follow what happened: keep the search index current, send mail."""


@consume.command()
def index() -> None:
    """Keep the search index current; start several to share the work."""
    settings = load(IndexSettings, os.environ)

    metrics = IndexMetrics()

    async def work(stop: asyncio.Event) -> None:
        database = open_database(settings.database, application="aisle consume index")
        try:
            await keep_index(settings, database, metrics, stop)
        finally:
            await database.close()

    with ExitStack() as serving:
        try:
            serving.enter_context(metrics_served(metrics.registry, settings.metrics.address, settings.metrics.port))
        except OSError as error:
            raise click.ClickException(f"INDEX_METRICS_PORT: cannot listen there: {error.strerror}") from error
        run_until_signalled("consume index", settings.shop.environment, work)


async def keep_index(settings: IndexSettings, database: Database, metrics: IndexMetrics, stop: asyncio.Event) -> None:
    """Follow the product topic, measure that, and fill in vectors where the model is prepared, until `stop` is set."""
    watch = SearchableWatch(settings.search, metrics.searchable)

    def indexed(batch: IndexedBatch) -> None:
        metrics.indexed(batch)
        watch.offer(batch)

    async def follow() -> None:
        with suppress(Stopped):
            await ensure_topics(settings.kafka, stop=stop)
            await run_index_consumer(settings.search, settings.kafka, stop, indexed, KnownVectors(database))

    model = load_model(model_folder(settings.model.folder, os.environ))
    async with asyncio.TaskGroup() as together:
        together.create_task(follow())
        together.create_task(watch.run(stop))
        if model is not None:
            together.create_task(run_filler(settings.search, database, model, stop, metrics.filled))


@consume.command()
def notifications() -> None:
    """Send the mail that order events ask for; start several to share the work."""
    settings = load(NotificationSettings, os.environ)
    composer = _composer(settings.mail)

    async def work(stop: asyncio.Event) -> None:
        database = open_database(settings.database, application="aisle consume notifications")
        mailer = Mailer(database, composer, MailServer(settings.mail.smtp_url))
        try:
            with suppress(Stopped):
                await ensure_topics(settings.kafka, stop=stop)
                await consume_notifications(settings.kafka, mailer, stop)
        finally:
            await database.close()

    run_until_signalled("consume notifications", settings.shop.environment, work)


async def consume_notifications(kafka: KafkaSettings, mailer: Mailer, stop: asyncio.Event) -> None:
    """Record the mail that events ask for and send what is due, side by side until `stop` is set."""

    async def handle(messages: Sequence[IncomingMessage]) -> None:
        await record_mail(mailer.database, messages)

    async with asyncio.TaskGroup() as both:
        both.create_task(run_consumer(kafka, group=NOTIFICATION_GROUP, topics=[ORDER.name], handle=handle, stop=stop))
        both.create_task(send_mail_until_stopped(mailer, stop))


def _composer(mail: MailSettings) -> MailComposer:
    try:
        return MailComposer(mail.shop_name, mail.sender)
    except CannotCompose as error:
        raise SettingsError({"MAIL_FROM": "expected one plain mail address"}) from error
