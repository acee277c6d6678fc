"""Checks what Kafka holds of each order against the outbox; called by `aisle verify`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import text

from messaging.messages import IncomingMessage
from messaging.replay import end_offsets, replay
from order_service.database.engine import Database, translated_errors
from schemas.events.envelope import Envelope, NotAnEvent
from schemas.events.topics import ORDER
from schemas.settings import KafkaSettings

PUBLISHED: Final = text("""
SELECT DISTINCT ON (aggregateid) aggregateid AS order_id, sequence, created_at FROM outbox
WHERE aggregatetype = 'order' AND published_position IS NOT NULL ORDER BY aggregateid, sequence DESC
""")


class Published(NamedTuple):
    """The last event of an order that the outbox says is in Kafka."""

    order_id: str
    sequence: int
    created_at: datetime


class WrongEvents(NamedTuple):
    """One order whose events in Kafka are not what they should be."""

    order_id: str
    fault: str


class SeenEvents:
    """The events of each order as they are read, repeats left out; memory grows with the number of orders."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._faults: dict[str, str] = {}
        self.oldest = datetime.now(UTC)
        self.unreadable = 0

    async def note(self, messages: Sequence[IncomingMessage]) -> None:
        """Take in the next messages of the topic, in any interleaving of its partitions."""
        for message in messages:
            try:
                envelope = Envelope.from_headers(message.headers)
            except NotAnEvent:
                self.unreadable += 1
            else:
                self._note(envelope)

    def _note(self, envelope: Envelope) -> None:
        self.oldest = min(self.oldest, envelope.time)
        last = self._last.get(envelope.subject)
        if last is None or envelope.sequence == last + 1:
            self._last[envelope.subject] = envelope.sequence
        elif envelope.sequence > last:
            self._faults[envelope.subject] = f"event {envelope.sequence} follows event {last}"
            self._last[envelope.subject] = envelope.sequence

    def faults(self, published: Iterable[Published]) -> Iterator[WrongEvents]:
        """Tell orders with a gap, and those whose published events the topic lacks though it reaches back as far."""
        for order_id, fault in self._faults.items():
            yield WrongEvents(order_id, fault)
        for each in published:
            if each.created_at >= self.oldest and self._last.get(each.order_id, 0) < each.sequence:
                yield WrongEvents(each.order_id, f"event {each.sequence} was published, the topic lacks it")


async def verify_events(database: Database, kafka: KafkaSettings) -> list[WrongEvents]:
    """Read the whole topic of orders and compare; waits for Kafka while it is away.

    What retention took from the topic is no fault. Raises Unavailable.
    """
    async with translated_errors(), database.reads.connect() as connection:
        published = [Published(*row) for row in await connection.execute(PUBLISHED)]
    seen = SeenEvents()
    ends = await end_offsets(kafka, ORDER.name)  # after the outbox: what it says is published is in there
    await replay(kafka, ORDER.name, from_offsets=dict.fromkeys(ends, 0), until=ends, handle=seen.note)
    return list(seen.faults(published))
