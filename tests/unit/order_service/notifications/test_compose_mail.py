"""What a mail says, and what it cannot be made to say."""

import uuid
from email.policy import SMTP
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from order_service.notifications.compose_mail import CannotCompose, MailComposer, Notification
from schemas.events.order_events import OrderEvent, OrderEventLine
from tests.factories.events import PLACED_AT, order_event

EVENT_ID = uuid.UUID("0199f3e0-0000-7000-8000-000000000001")
HEADERS = {
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Aisle-Event-Id",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}


def notification(event: OrderEvent | None = None, **fields: Any) -> Notification:
    given: dict[str, Any] = {
        "id": uuid.uuid4(),
        "event_id": EVENT_ID,
        "kind": "order_confirmed",
        "recipient": "buyer@example.com",
        "context": msgspec.to_builtins(event or order_event()),
        "attempts": 0,
        "created_at": PLACED_AT,
    }
    return Notification(**(given | fields))


def composer(shop_name: str = "Aisle") -> MailComposer:
    return MailComposer(shop_name, "shop@example.com")


def body(event: OrderEvent, kind: str) -> str:
    part = composer().compose(notification(event)).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_headers_name_the_event_the_order_and_the_shop() -> None:
    message = composer().compose(notification())
    assert message["Message-ID"] == f"<{EVENT_ID}@aisle>"
    assert message["Aisle-Event-Id"] == str(EVENT_ID)
    assert message["Subject"] == "Aisle: order 100001 is confirmed"
    assert (message["To"], message["From"]) == ("buyer@example.com", "Aisle <shop@example.com>")
    assert message["Date"] == "Fri, 20 Nov 2026 09:30:00 +0000"
    assert set(message.keys()) == HEADERS


def test_the_same_row_makes_the_same_words() -> None:
    row = notification()
    first, second = (composer().compose(row) for _ in range(2))
    assert first.items()[:6] == second.items()[:6]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_bodies_show_lines_and_total(kind: str) -> None:
    found = body(order_event(), kind)
    for words in ("100001", "Kettle", "24.99", "49.98", "USD", "2026-11-20"):
        assert words in found


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_amount_in_yen_has_no_decimals(kind: str) -> None:
    lines = [OrderEventLine(1, "S", "急須", 1, 4998, 4998)]
    found = body(order_event(currency="JPY", total_minor=4998, lines=lines), kind)
    assert "4998 JPY" in found
    assert "急須" in found


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_bodies_say_what_stands_between_lines_and_total(kind: str) -> None:
    event = order_event(total_minor=5926, items_minor=4998, discount_minor=500, shipping_minor=399, tax_minor=1029)
    found = body(event, kind)
    for words in ("Items", "49.98", "Discount", "-5.00", "Shipping", "3.99", "Tax", "10.29", "59.26"):
        assert words in found
    assert "Items" not in body(order_event(), kind)


def test_a_title_cannot_add_markup() -> None:
    lines = [OrderEventLine(1, "S", "<script>alert(1)</script> & co", 1, 1, 1)]
    assert "<script>" not in body(order_event(lines=lines), "html")
    assert "<script>alert(1)</script> & co" in body(order_event(lines=lines), "plain")


@settings(deadline=None, max_examples=50)  # each makes a composer with its templates
@given(some.text(max_size=60), some.text(max_size=60), some.text(max_size=60))
def test_no_text_adds_a_header(shop_name: str, number: str, title: str) -> None:
    event = order_event(number=number, lines=[OrderEventLine(1, "S", title, 1, 1, 1)])
    try:
        message = composer(shop_name).compose(notification(event))
    except CannotCompose:
        return
    assert set(message.keys()) == HEADERS
    head = message.as_bytes(policy=SMTP).partition(b"\r\n\r\n")[0].decode("ascii")
    names = {line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))}
    assert names == HEADERS


def test_line_breaks_in_the_subject_become_spaces() -> None:
    message = composer("Shop\r\nBcc: evil@example.com").compose(notification(order_event(number="1\n2")))
    assert message["Subject"] == "Shop Bcc: evil@example.com: order 1 2 is confirmed"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "recipient",
    [
        "buyer@example.com, evil@example.com",
        "buyer@example.com\r\nBcc: evil@example.com",
        "Buyer <buyer@example.com>",
        "buyer",
        "@example.com",
        "buyer@",
        "",
        "b\u00fcyer@example.com",
        "a b@example.com",
    ],
)
def test_only_one_plain_address_is_a_recipient(recipient: str) -> None:
    with pytest.raises(CannotCompose):
        composer().compose(notification(recipient=recipient))


def test_a_domain_with_umlauts_is_written_in_ascii() -> None:
    assert composer().compose(notification(recipient="buyer@m\u00fcller.example"))["To"] == (
        "buyer@xn--mller-kva.example"
    )


@pytest.mark.parametrize(
    "broken", [{"kind": "birthday"}, {"context": {}}, {"context": msgspec.to_builtins(order_event(currency="XXX"))}]
)
def test_a_row_that_can_never_become_a_mail_says_so(broken: dict[str, Any]) -> None:
    with pytest.raises(CannotCompose):
        composer().compose(notification(**broken))
