from benchmarks.relay import events_of, messages_of
from schemas.events.envelope import Envelope


def test_the_reference_publishes_what_the_relay_would() -> None:
    events = events_of(3)
    messages = messages_of(events)
    assert [message.key.decode() for message in messages] == [event.aggregateid for event in events]
    assert [message.value for message in messages] == [event.payload.encode() for event in events]
    assert [Envelope.from_headers(message.headers).id for message in messages] == [event.id for event in events]


def test_events_are_of_different_orders() -> None:
    assert len({event.aggregateid for event in events_of(100)}) == 100
