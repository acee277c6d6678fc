"""Publishes the present state of products that were marked as changed, one message a product; one relay step.

Marks are folded: a hundred changes between two polls are one event. A mark commits with its change, and the
snapshot is read after the marks, so it holds at least every change whose mark was seen. Only those marks are
deleted, and only after the acknowledgement: a change that came later has a mark of its own, which brings the
product round again.
"""

import uuid
from typing import NamedTuple

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from order_service.product_snapshots import snapshots_of
from schemas.events.envelope import Envelope
from schemas.events.product_snapshot import PRODUCT_CHANGED, PRODUCT_DELETED, ProductSnapshot
from schemas.events.topics import PRODUCT
from schemas.ids import ProductId

BATCH_MARKS = 500
PRODUCT_EVENTS = uuid.UUID("0d7a1d5e-5d5b-5b0e-9d3c-6f1f0a3a7c11")
"""Namespace of the ids of product events: the same state of a product always has the same event id."""

READ_MARKS = text("SELECT id, product_id, request_id FROM product_changes ORDER BY id LIMIT :rows")
DELETE_MARKS = text("DELETE FROM product_changes WHERE id = ANY (CAST(:ids AS bigint[]))")

log = structlog.get_logger(__name__)


class ChangeMark(NamedTuple):
    """That a product was changed, by which request."""

    id: int
    product_id: ProductId
    request_id: str | None


async def relay_products(connection: AsyncConnection, publisher: Publisher, currency: str) -> bool:
    """Publish the products of the oldest BATCH_MARKS marks and delete these marks; True when more is waiting.

    Raises PublishFailed with every mark still there.
    """
    rows = await connection.execute(READ_MARKS, {"rows": BATCH_MARKS})
    marks = [ChangeMark(*row) for row in rows]
    if not marks:
        return False
    latest_request = {mark.product_id: mark.request_id for mark in marks}
    snapshots = await snapshots_of(connection, sorted(latest_request), currency)
    if len(snapshots) < len(latest_request):
        log.warning("marked_product_is_gone", marked=len(latest_request), found=len(snapshots))
    await publisher.publish([to_message(each, latest_request[ProductId(each.id)]) for each in snapshots])
    await connection.execute(DELETE_MARKS, {"ids": [mark.id for mark in marks]})
    return len(marks) == BATCH_MARKS


def to_message(snapshot: ProductSnapshot, request_id: str | None) -> OutgoingMessage:
    """Make the Kafka message: key and subject are the product's id, `sequence` is its version."""
    envelope = Envelope(
        id=event_id(ProductId(snapshot.id), snapshot.version),
        type=PRODUCT_DELETED if snapshot.deleted else PRODUCT_CHANGED,
        subject=str(snapshot.id),
        time=snapshot.updated_at,
        sequence=snapshot.version,
        request_id=request_id,
    )
    return OutgoingMessage(
        topic=PRODUCT.name,
        key=str(snapshot.id).encode(),
        value=msgspec.json.encode(snapshot),
        headers=envelope.to_headers(),
    )


def event_id(product_id: ProductId, version: int) -> uuid.UUID:
    """Give the id of the event that tells of this version of this product."""
    return uuid.uuid5(PRODUCT_EVENTS, f"{product_id}/{version}")
