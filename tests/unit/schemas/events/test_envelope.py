"""CloudEvents headers, there and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from schemas.events.envelope import Envelope, NotAnEvent

ENVELOPES = some.builds(
    Envelope,
    id=some.uuids(),
    type=some.text(min_size=1),
    subject=some.text(),
    time=some.datetimes(timezones=some.just(UTC)),
    sequence=some.integers(1, 2**62),
    request_id=some.none() | some.text(min_size=1),
)


@settings(deadline=None)
@given(ENVELOPES)
def test_an_envelope_survives_its_headers(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.to_headers()) == envelope


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    assert Envelope.from_headers(HEADERS).to_headers() == HEADERS


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_subject", "ce_time", "sequence"])
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(NotAnEvent, match=name):
        Envelope.from_headers({key: value for key, value in HEADERS.items() if key != name})


@pytest.mark.parametrize(("name", "value"), [("ce_id", "7"), ("ce_time", "yesterday"), ("sequence", "one")])
def test_a_malformed_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(NotAnEvent, match="malformed"):
        Envelope.from_headers(HEADERS | {name: value})


HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "0199f3e0-0000-7000-8000-000000000001",
    "ce_type": "aisle.order.confirmed.v1",
    "ce_source": "/aisle",
    "ce_subject": "0199f3e0-0000-7000-8000-000000000002",
    "ce_time": datetime(2026, 11, 20, 9, 30, 0, 123000, tzinfo=UTC).isoformat().replace("+00:00", "Z"),
    "sequence": "1",
    "content-type": "application/json",
    "ce_requestid": "req-1",
}
