"""Turns order events into rows of mail to send, once per event; the handler of `aisle consume notifications`.

The inbox row and the notification commit together, so an event that arrives again changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from messaging.errors import Poison, RetryLater
from messaging.messages import IncomingMessage
from order_service.database.engine import Database
from order_service.errors import Unavailable
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.events.envelope import Envelope, NotAnEvent
from schemas.events.order_events import ORDER_CONFIRMED, OrderEvent

ORDER_CONFIRMED_MAIL = "order_confirmed"
KIND_OF_EVENT = {ORDER_CONFIRMED: ORDER_CONFIRMED_MAIL}
"""Which events send mail; all others are passed over."""

RECORD = text("""
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:event_ids AS uuid[]), CAST(:kinds AS text[]), CAST(:recipients AS text[]), CAST(:contexts AS jsonb[])
    ) AS wanted(event_id, kind, recipient, context)
), first_seen AS (
    INSERT INTO inbox (consumer, event_id)
    SELECT 'notifications', event_id FROM wanted ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
)
INSERT INTO notifications (event_id, kind, recipient, context)
SELECT event_id, kind, recipient, context FROM wanted JOIN first_seen USING (event_id)
ON CONFLICT DO NOTHING
""")


class WantedMail(NamedTuple):
    """One mail that an event asks for; `context` is the event's data as JSON text, kept for the template."""

    event_id: UUID
    kind: str
    recipient: str
    context: str


async def record_mail(database: Database, messages: Sequence[IncomingMessage]) -> None:
    """Write down the mail that these events ask for, in one transaction; commits.

    Raises Poison naming every message that is not an event of ours or whose data is not an order, with
    nothing written, and RetryLater while Postgres is away.
    """
    wanted = wanted_mail(messages)
    if not wanted:
        return

    async def record(unit: UnitOfWork) -> None:
        await unit.connection.execute(RECORD, _columns(wanted))

    try:
        await in_unit_of_work(database, record)
    except Unavailable as error:
        raise RetryLater("Postgres is away", after_s=float(error.retry_after)) from error


def wanted_mail(messages: Sequence[IncomingMessage]) -> list[WantedMail]:
    """Say which mail these events ask for; raises Poison naming every message that cannot be read."""
    found: list[WantedMail] = []
    faults: list[tuple[IncomingMessage, str]] = []
    for message in messages:
        try:
            mail = _mail_of(message)
        except (NotAnEvent, msgspec.DecodeError) as error:
            faults.append((message, f"{type(error).__name__}: {error}"))
        else:
            found.extend([mail] if mail else [])
    if faults:
        raise Poison.several(faults)
    return found


def _mail_of(message: IncomingMessage) -> WantedMail | None:
    envelope = Envelope.from_headers(message.headers)
    kind = KIND_OF_EVENT.get(envelope.type)
    if kind is None:
        return None
    value = message.value or b""
    order = msgspec.json.decode(value, type=OrderEvent)
    if not order.email:
        return None
    return WantedMail(envelope.id, kind, order.email, value.decode())


def _columns(wanted: Sequence[WantedMail]) -> dict[str, list[object]]:
    return {
        "event_ids": [mail.event_id for mail in wanted],
        "kinds": [mail.kind for mail in wanted],
        "recipients": [mail.recipient for mail in wanted],
        "contexts": [mail.context for mail in wanted],
    }
