"""Which events ask for mail."""

import dataclasses
import uuid

import pytest

from messaging.errors import Poison
from order_service.notifications.record_mail import wanted_mail
from schemas.events.order_events import ORDER_CONFIRMED, TYPE_OF_STATUS
from tests.factories.events import order_event, order_message


def test_a_confirmed_order_asks_for_one_mail_to_its_address() -> None:
    event_id = uuid.uuid4()
    (mail,) = wanted_mail([order_message(event_id=event_id)])
    assert (mail.event_id, mail.kind, mail.recipient) == (event_id, "order_confirmed", "buyer@example.com")


@pytest.mark.parametrize("event_type", [*sorted(set(TYPE_OF_STATUS.values()) - {ORDER_CONFIRMED}), "aisle.new.v9"])
def test_other_events_ask_for_none(event_type: str) -> None:
    assert wanted_mail([order_message(event_type=event_type)]) == []


@pytest.mark.parametrize("email", [None, ""])
def test_an_order_without_an_address_asks_for_none(email: str | None) -> None:
    assert wanted_mail([order_message(order_event(email=email))]) == []


def test_every_unusable_message_is_named() -> None:
    good = order_message(offset=1)
    no_headers = dataclasses.replace(order_message(offset=2), headers={})
    no_json = dataclasses.replace(order_message(offset=3), value=b"{")
    no_order = dataclasses.replace(order_message(offset=4), value=b"[]")
    tombstone = dataclasses.replace(order_message(offset=5), value=None)
    with pytest.raises(Poison) as poison:
        wanted_mail([good, no_headers, no_json, no_order, tombstone])
    assert [message.offset for message, _ in poison.value.faults] == [2, 3, 4, 5]
