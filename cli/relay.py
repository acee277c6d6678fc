"""`aisle relay`: moves committed outbox rows and product changes to Kafka until it is stopped."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass

import click

from cli.long_running import run_until_signalled
from messaging.topics import ensure_topics
from messaging.waiting import Stopped
from order_service.relay.run_relay import run_relay
from schemas.environment import load
from schemas.settings import DatabaseSettings, KafkaSettings
from schemas.shop_settings import ShopSettings


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Everything the relay reads from its environment."""

    database: DatabaseSettings
    kafka: KafkaSettings
    shop: ShopSettings


@click.command()
def relay() -> None:
    """Publish committed changes to Kafka; start several, one works and the others stand by."""
    settings = load(RelaySettings, os.environ)

    async def work(stop: asyncio.Event) -> None:
        with suppress(Stopped):
            await ensure_topics(settings.kafka, stop=stop)
            await run_relay(settings.database, settings.kafka, settings.shop.currency, stop)

    run_until_signalled("relay", settings.shop.environment, work)
