"""Outbox rows before they are written."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from order_service.outbox.append import OUTBOX_SHARDS, outbox_columns, outbox_row, shard_of
from schemas.events.order_events import ORDER_CONFIRMED, OrderEvent


@given(st.text())
def test_an_aggregate_always_falls_into_the_same_shard(aggregate_id: str) -> None:
    assert shard_of(aggregate_id) == shard_of(aggregate_id)
    assert 0 <= shard_of(aggregate_id) < OUTBOX_SHARDS


def test_a_row_carries_the_event_as_json_and_ids_rise_with_time() -> None:
    event = OrderEvent("o1", "A1", "CONFIRMED", "USD", 100, datetime(2026, 1, 2, tzinfo=UTC), [])
    first, second = (outbox_row("order", "o1", ORDER_CONFIRMED, event, number, "r1") for number in (1, 2))
    assert '"number":"A1"' in first.payload
    assert first.id < second.id
    assert outbox_columns([first, second])["sequences"] == [1, 2]
