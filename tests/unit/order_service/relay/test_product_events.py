"""The message of one product."""

from datetime import UTC, datetime

import msgspec

from order_service.relay.product_events import event_id, to_message
from schemas.events.envelope import Envelope
from schemas.events.product_snapshot import PRODUCT_CHANGED, PRODUCT_DELETED, CategoryPath, ProductSnapshot
from schemas.ids import ProductId

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KETTLE = ProductSnapshot(
    id=7,
    sku="K",
    version=12,
    title="Kettle",
    description="",
    category=CategoryPath([1], ["Kitchen"], ["kitchen"]),
    price_minor=2499,
    currency="USD",
    created_at=WHEN,
    updated_at=WHEN,
)


def test_a_snapshot_becomes_a_message_with_its_envelope() -> None:
    message = to_message(KETTLE, "req-1")
    assert (message.topic, message.key) == ("product.v1", b"7")
    assert msgspec.json.decode(message.value or b"", type=ProductSnapshot) == KETTLE
    assert Envelope.from_headers(message.headers) == Envelope(
        event_id(ProductId(7), 12), PRODUCT_CHANGED, "7", WHEN, 12, "req-1"
    )


def test_a_deletion_is_an_event_of_its_own_type_and_no_tombstone() -> None:
    message = to_message(msgspec.structs.replace(KETTLE, deleted=True), None)
    assert message.headers["ce_type"] == PRODUCT_DELETED
    assert "ce_requestid" not in message.headers
    assert message.value is not None


def test_the_same_version_always_has_the_same_event_id() -> None:
    assert event_id(ProductId(7), 12) == event_id(ProductId(7), 12)
    assert len({event_id(ProductId(product), version) for product in (1, 11) for version in (1, 11)}) == 4
