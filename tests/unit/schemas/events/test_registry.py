"""The reference page of events agrees with the code."""

import re
from pathlib import Path

import msgspec
import pytest

from schemas.events import order_events, product_snapshot
from schemas.events.envelope import Envelope
from schemas.events.registry import EVENTS
from schemas.events.topics import TOPIC_OF_AGGREGATE, TOPICS

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- example of (\S+) -->\s+```json\n(.*?)```", PAGE, re.DOTALL)


def test_every_type_in_the_code_is_registered() -> None:
    declared = {
        value
        for module in (order_events, product_snapshot)
        for value in vars(module).values()
        if isinstance(value, str) and value.startswith("aisle.")
    }
    assert declared == set(EVENTS)


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_type_stands_in_the_reference(event_type: str) -> None:
    assert f"`{event_type}`" in PAGE


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_stands_in_the_reference_with_key_and_cleanup(topic: object) -> None:
    name, key, cleanup = (getattr(topic, part) for part in ("name", "key", "cleanup"))
    assert re.search(rf"^\| `<prefix>{re.escape(name)}` \| {re.escape(key)} \| {cleanup} \|", PAGE, re.MULTILINE)


def test_every_header_stands_in_the_reference() -> None:
    envelope = Envelope.from_headers(
        {
            "ce_id": "0199f3e0-0000-7000-8000-000000000001",
            "ce_type": "t",
            "ce_subject": "s",
            "ce_time": "2026-11-20T09:30:00Z",
            "sequence": "1",
            "ce_requestid": "r",
        }
    )
    assert all(f"`{name}`" in PAGE for name in envelope.to_headers())


def test_every_topic_of_an_aggregate_is_a_topic_and_no_two_share_a_name() -> None:
    assert set(TOPIC_OF_AGGREGATE.values()) <= set(TOPICS)
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


@pytest.mark.parametrize(("event_type", "example"), EXAMPLES, ids=[event_type for event_type, _ in EXAMPLES])
def test_every_example_is_a_valid_event_with_every_field(event_type: str, example: str) -> None:
    _, struct = EVENTS[event_type]
    msgspec.json.decode(example, type=struct)
    assert set(msgspec.json.decode(example)) == {field.encode_name for field in msgspec.structs.fields(struct)}


def test_each_struct_has_an_example() -> None:
    assert {EVENTS[event_type][1] for event_type, _ in EXAMPLES} == {struct for _, struct in EVENTS.values()}
