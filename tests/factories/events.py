"""Builds events and messages as the relay would send them and the consumers would get them."""

import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec

from messaging.messages import IncomingMessage
from schemas.events.envelope import Envelope
from schemas.events.order_events import ORDER_CONFIRMED, OrderEvent, OrderEventLine
from schemas.events.topics import ORDER

PLACED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def order_event(**fields: Any) -> OrderEvent:
    """One confirmed order of two kettles for a guest with an address."""
    given: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "number": "100001",
        "status": "CONFIRMED",
        "currency": "USD",
        "total_minor": 4998,
        "created_at": PLACED_AT,
        "lines": [OrderEventLine(7, "KETTLE-1", "Kettle", 2, 2499, 4998, store_id=1)],
        "store_id": 1,
        "email": "buyer@example.com",
    }
    return OrderEvent(**(given | fields))


def order_message(
    event: OrderEvent | None = None,
    *,
    event_type: str = ORDER_CONFIRMED,
    event_id: uuid.UUID | None = None,
    offset: int = 0,
) -> IncomingMessage:
    """An order event as a consumer gets it."""
    data = event or order_event()
    envelope = Envelope(event_id or uuid.uuid4(), event_type, data.id, PLACED_AT, sequence=1)
    return IncomingMessage(
        topic=ORDER.name,
        partition=0,
        offset=offset,
        key=data.id.encode(),
        value=msgspec.json.encode(data),
        headers=envelope.to_headers(),
        timestamp_ms=int(PLACED_AT.timestamp() * 1000),
    )


def plain_message(offset: int, key: bytes = b"k", value: bytes | None = b"v", partition: int = 0) -> IncomingMessage:
    """A message whose content does not matter."""
    return IncomingMessage("order.v1", partition, offset, key, value, {"ce_id": f"id-{offset}"}, 0)
