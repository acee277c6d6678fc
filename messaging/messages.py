"""What goes to Kafka and what comes back, as plain values; for everyone who publishes or consumes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to publish; `topic` has no prefix, a `value` of None is a tombstone of a compacted topic."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message as it was read; `topic` has no prefix, `timestamp_ms` is the producer's Unix time."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, str]
    timestamp_ms: int
