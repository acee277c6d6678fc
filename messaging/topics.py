"""Creating the topics that are missing; every process that publishes or consumes calls it at its start."""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from messaging.waiting import Backoff, Stopped, happened_within, unless_stopped
from schemas.events.topics import TOPICS, Topic
from schemas.settings import KafkaSettings

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
"""Bound of one message, set on every topic: a product with long texts may exceed Kafka's own 1 MiB."""

REQUEST_TIMEOUT_MS = 5_000
BACKOFF = Backoff(first_s=0.2, cap_s=3.0)

log = structlog.get_logger(__name__)


def topic_name(settings: KafkaSettings, name: str) -> str:
    """Give the name in Kafka of a topic or group of this installation."""
    return settings.topic_prefix + name


async def ensure_topics(
    settings: KafkaSettings, topics: Sequence[Topic] = TOPICS, *, stop: asyncio.Event | None = None
) -> None:
    """Create what is missing; an existing topic is left as it is. Safe when several processes do it at once.

    Goes on trying with back-off, saying why in the log, while the broker is away or refuses: one that has
    just started refuses replication factors it will be able to give a moment later. Raises Stopped when
    `stop` is set.
    """
    stop = stop or asyncio.Event()
    failures = 0
    while True:
        try:
            return await unless_stopped(_create_missing(settings, topics), stop)
        except (KafkaError, OSError) as error:
            failures += 1
            log.warning("kafka_away", doing="ensure_topics", error=repr(error), failures=failures)
        if await happened_within(stop, BACKOFF.pause_s(failures)):
            raise Stopped


async def _create_missing(settings: KafkaSettings, topics: Sequence[Topic]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [topic for topic in topics if topic_name(settings, topic.name) not in present]
        if missing:
            answer = await admin.create_topics([_new_topic(settings, topic) for topic in missing])
            _check(answer.topic_errors)
            log.info("topics_created", topics=[topic_name(settings, topic.name) for topic in missing])
    finally:
        await admin._client.close()  # noqa: SLF001 - the public close leaves a client open whose start failed


def _new_topic(settings: KafkaSettings, topic: Topic) -> NewTopic:
    return NewTopic(
        name=topic_name(settings, topic.name),
        num_partitions=settings.partitions,
        replication_factor=settings.replication_factor,
        topic_configs={"cleanup.policy": topic.cleanup, "max.message.bytes": str(MAX_MESSAGE_BYTES)},
    )


def _check(topic_errors: Sequence[tuple[str, int, str | None]]) -> None:
    for name, code, text in topic_errors:
        error = for_code(code)
        if error not in (NoError, TopicAlreadyExistsError):  # existing: another process was faster
            raise error(f"{name}: {text}")
