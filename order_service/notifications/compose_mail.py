"""Makes the mail of one notification: templates in, one `EmailMessage` out; called by the sender. No I/O after start.

Nothing a buyer or a catalogue wrote can add a header: control characters become spaces, the recipient must be
one plain address, and the `email` package refuses line breaks in headers besides.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError

from order_service.notifications.record_mail import ORDER_CONFIRMED_MAIL
from schemas.events.order_events import OrderEvent
from schemas.money import to_amount

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
LONGEST_SUBJECT = 200  # characters


class CannotCompose(Exception):
    """This notification can never become a mail: its address, its data or its kind is unusable."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One row of `notifications` that is due; `context` is the data of the event that asked for it."""

    id: UUID
    event_id: UUID
    kind: str
    recipient: str
    context: Mapping[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail."""

    subject: str
    text: str
    html: str


class MailComposer:
    """Holds the templates and what every mail says of the shop. Raises CannotCompose for an unusable sender."""

    def __init__(self, shop_name: str, sender: str) -> None:
        self._shop_name = one_line(shop_name)
        self._sender = _address(sender, self._shop_name)
        loader = PackageLoader("order_service.notifications")
        self._html = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._text = Environment(loader=loader, autoescape=False, undefined=StrictUndefined)  # noqa: S701 - plain text
        self._kinds: dict[str, Callable[[Mapping[str, Any]], Rendered]] = {ORDER_CONFIRMED_MAIL: self._order_confirmed}

    def compose(self, notification: Notification) -> EmailMessage:
        """Make the mail, the same each time for the same row; raises CannotCompose."""
        if notification.kind not in self._kinds:
            raise CannotCompose(f"no template for {notification.kind}")
        try:
            rendered = self._kinds[notification.kind](notification.context)
            return self._message(notification, rendered)
        except (msgspec.ValidationError, TemplateError, KeyError, ValueError, MessageError) as error:
            raise CannotCompose(f"{type(error).__name__}: {error}") from error

    def _message(self, notification: Notification, rendered: Rendered) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = one_line(rendered.subject)[:LONGEST_SUBJECT]
        message["From"] = self._sender
        message["To"] = _address(notification.recipient)
        message["Date"] = format_datetime(notification.created_at)
        message["Message-ID"] = f"<{notification.event_id}@aisle>"
        message["Aisle-Event-Id"] = str(notification.event_id)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(rendered.text, cte="quoted-printable")
        message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        return message

    def _order_confirmed(self, context: Mapping[str, Any]) -> Rendered:
        order = msgspec.convert(context, OrderEvent)
        values = {
            "shop_name": self._shop_name,
            "order": order,
            "amount": lambda minor_units: to_amount(minor_units, order.currency),
            "breakdown": breakdown(order),
            "one_line": one_line,
        }
        return Rendered(
            subject=f"{self._shop_name}: order {order.number} is confirmed",
            text=self._text.get_template("order_confirmed.txt").render(values),
            html=self._html.get_template("order_confirmed.html").render(values),
        )


def breakdown(order: OrderEvent) -> list[tuple[str, int]]:
    """Name what stands between the lines and the total, in minor units; nothing where the lines are the total."""
    tax = "of which tax" if order.prices_include_tax else "Tax"
    parts = [("Discount", -order.discount_minor), ("Shipping", order.shipping_minor), (tax, order.tax_minor)]
    shown = [(name, minor_units) for name, minor_units in parts if minor_units]
    return [("Items", order.items_minor), *shown] if shown else []


def one_line(words: str) -> str:
    """Turn every run of control characters and line ends into one space."""
    return CONTROL_CHARACTERS.sub(" ", words).strip()


def _address(spec: str, display_name: str = "") -> Address:
    """Check that the text is one plain address; a domain with other than ASCII letters is written in its IDNA form."""
    local, at, domain = spec.rpartition("@")
    if not (local and at and domain and local.isascii()) or CONTROL_CHARACTERS.search(spec):
        raise CannotCompose("not a mail address that we can write to")
    try:
        return Address(display_name=display_name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:
        raise CannotCompose("not a mail address that we can write to") from error
