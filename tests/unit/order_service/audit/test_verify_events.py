"""The reading of the order topic: gaps and missing events, whatever the interleaving; repeats are no fault."""

import uuid
from datetime import UTC, datetime, timedelta

from messaging.messages import IncomingMessage
from order_service.audit.verify_events import Published, SeenEvents, WrongEvents
from schemas.events.envelope import Envelope

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def event(order_id: str, sequence: int, time: datetime = NOW) -> IncomingMessage:
    headers = Envelope(uuid.uuid4(), "aisle.order.confirmed.v1", order_id, time, sequence).to_headers()
    return IncomingMessage("aisle.order.v1", 0, sequence, order_id.encode(), b"{}", headers, 0)


async def test_events_in_order_with_repeats_are_right() -> None:
    seen = SeenEvents()
    await seen.note([event("a", 1), event("b", 1), event("a", 1), event("a", 2), event("a", 1), event("a", 2)])
    assert list(seen.faults([Published("a", 2, NOW), Published("b", 1, NOW)])) == []


async def test_a_gap_names_the_order_and_both_events() -> None:
    seen = SeenEvents()
    await seen.note([event("a", 1), event("a", 3), event("a", 4)])
    assert list(seen.faults([])) == [WrongEvents("a", "event 3 follows event 1")]


async def test_an_event_that_was_published_and_is_not_there_is_told() -> None:
    seen = SeenEvents()
    await seen.note([event("a", 1)])
    faults = list(seen.faults([Published("a", 2, NOW), Published("b", 1, NOW)]))
    assert [each.order_id for each in faults] == ["a", "b"]


async def test_what_is_older_than_the_topic_reaches_back_is_no_fault() -> None:
    seen = SeenEvents()
    await seen.note([event("a", 7)])
    assert list(seen.faults([Published("b", 3, NOW - timedelta(days=9))])) == []


async def test_a_message_that_is_no_event_is_counted_and_passed_over() -> None:
    seen = SeenEvents()
    await seen.note([IncomingMessage("aisle.order.v1", 0, 0, b"x", b"{}", {}, 0), event("a", 1)])
    assert seen.unreadable == 1
    assert list(seen.faults([Published("a", 1, NOW)])) == []
