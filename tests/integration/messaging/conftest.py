"""Topics of each test's own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from schemas.settings import KafkaSettings
from tests.factories.kafka import own_topics


@pytest.fixture
async def kafka(settings_of: Callable[[type[Any]], Any]) -> AsyncIterator[KafkaSettings]:
    """Settings whose prefix only this test uses; every topic exists."""
    async with own_topics(settings_of(KafkaSettings)) as settings:
        yield settings
