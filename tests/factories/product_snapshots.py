"""Product snapshots for tests: `product_snapshot(id, what differs…)`, and messages that carry them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from messaging.messages import IncomingMessage
from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.events.topics import PRODUCT

CABLES = CategoryPath(ids=[1, 2], names=["Cables & Adapters", "HDMI cable"], slugs=["cables-adapters", "hdmi-cable"])


def product_snapshot(product_id: int, **changes: Any) -> ProductSnapshot:
    """Give a snapshot whose fields are unremarkable except for `changes`."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    usual = ProductSnapshot(
        id=product_id,
        sku=f"SKU-{product_id}",
        version=1,
        title=f"Product {product_id}",
        description="",
        category=CABLES,
        price_minor=1_000,
        currency="USD",
        created_at=at,
        updated_at=at,
    )
    return msgspec.structs.replace(usual, **changes)


def product_message(snapshot: ProductSnapshot | bytes | None, offset: int = 0) -> IncomingMessage:
    """Give the message that brings the snapshot, or those very bytes as its value."""
    value = snapshot if isinstance(snapshot, bytes) or snapshot is None else msgspec.json.encode(snapshot)
    return IncomingMessage(
        topic=PRODUCT.name, partition=0, offset=offset, key=b"1", value=value, headers={}, timestamp_ms=0
    )
