"""The topics, without the installation's prefix; keys and clean-up are part of the contract with consumers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `key` says what the messages are keyed by, `cleanup` what Kafka keeps."""

    name: str
    key: str
    cleanup: Literal["compact", "delete"]


PRODUCT = Topic("product.v1", key="product id", cleanup="compact")
ORDER = Topic("order.v1", key="order id", cleanup="delete")
DEAD_LETTER = Topic("dead-letter.v1", key="the original key", cleanup="delete")

TOPICS = (PRODUCT, ORDER, DEAD_LETTER)

TOPIC_OF_AGGREGATE = {"order": ORDER}
"""Where the events of each `aggregatetype` of the outbox go."""
