"""Creating topics on the real Kafka."""

import asyncio
import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from messaging.topics import MAX_MESSAGE_BYTES, ensure_topics, topic_name
from messaging.waiting import Stopped
from schemas.events.topics import DEAD_LETTER, ORDER, PRODUCT, TOPICS, Topic
from schemas.settings import KafkaSettings
from tests.factories.waiting import until_answered

pytestmark = pytest.mark.servers


async def config_of(settings: KafkaSettings, topic: Topic) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic_name(settings, topic.name))
        answers = await admin.describe_configs([resource])
        return {entry[0]: entry[1] for answer in answers for entry in answer.resources[0][4]}
    finally:
        await admin.close()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_topics_are_kept_as_their_kind_says(kafka: KafkaSettings, topic: Topic) -> None:
    async def told() -> dict[str, str]:
        config = await config_of(kafka, topic)
        return config if "cleanup.policy" in config else {}  # it is known a moment after the topic

    config = await until_answered(told)
    assert config["cleanup.policy"] == topic.cleanup
    assert config["max.message.bytes"] == str(MAX_MESSAGE_BYTES)


async def test_several_processes_may_create_them_at_once(settings_of: Callable[[type[Any]], Any]) -> None:
    settings = dataclasses.replace(settings_of(KafkaSettings), topic_prefix=f"race{uuid.uuid4().hex[:8]}.")
    await asyncio.gather(*(ensure_topics(settings, (PRODUCT, ORDER, DEAD_LETTER)) for _ in range(5)))
    await ensure_topics(settings)


async def test_waiting_for_an_absent_broker_ends_when_asked_to_stop(unused_tcp_port: int) -> None:
    stop = asyncio.Event()
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")
    waiting = asyncio.ensure_future(ensure_topics(settings, stop=stop))
    await asyncio.wait((waiting,), timeout=0.5)
    assert not waiting.done()
    stop.set()
    with pytest.raises(Stopped):
        await asyncio.wait_for(waiting, 2)
