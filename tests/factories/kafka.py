"""Topics of one test's own on the real Kafka, and what lies in them."""

import dataclasses
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from messaging.messages import IncomingMessage
from messaging.replay import replay
from messaging.topics import ensure_topics, topic_name
from schemas.events.topics import TOPICS
from schemas.settings import KafkaSettings


@asynccontextmanager
async def own_topics(settings: KafkaSettings) -> AsyncIterator[KafkaSettings]:
    """Create every topic under a prefix that nobody else uses, and delete them at the end."""
    own = dataclasses.replace(settings, topic_prefix=f"{settings.topic_prefix}{uuid.uuid4().hex[:8]}.")
    await ensure_topics(own)
    yield own
    admin = AIOKafkaAdminClient(bootstrap_servers=own.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic_name(own, topic.name) for topic in TOPICS])
    finally:
        await admin.close()


async def read_all(settings: KafkaSettings, topic: str) -> list[IncomingMessage]:
    """Read what the topic holds now, in order per partition."""
    found: list[IncomingMessage] = []

    async def keep(messages: Sequence[IncomingMessage]) -> None:
        found.extend(messages)

    await replay(settings, topic, from_offsets={}, handle=keep)
    return sorted(found, key=lambda message: (message.partition, message.offset))
