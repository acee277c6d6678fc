from email.message import EmailMessage
from pathlib import Path

import pytest

from devstack.mailbox import Mailbox, page


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


def message(subject: str, text: str = "Thank you.") -> bytes:
    mail = EmailMessage()
    mail["From"] = "shop@example.com"
    mail["To"] = "Ann <ann@example.com>"
    mail["Subject"] = subject
    mail["Date"] = "Sat, 21 Nov 2026 12:00:00 +0000"
    mail["X-Order"] = "17"
    mail.set_content(text)
    mail.add_alternative("<p>Thank you.</p>", subtype="html")
    return mail.as_bytes()


def test_a_message_shows_envelope_headers_and_text(mailbox: Mailbox) -> None:
    name = mailbox.store(message("Your order", "Danke schön."), ["ann@example.com", "blind@example.com"])
    [mail] = mailbox.messages()
    shown = mail.to_json()
    assert shown["id"] == name
    assert shown["to"] == ["ann@example.com", "blind@example.com"]
    assert shown["from"] == "shop@example.com"
    assert shown["subject"] == "Your order"
    assert shown["date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert shown["text"] == "Danke schön.\n"
    assert mail.headers["X-Order"] == "17"


def test_the_newest_comes_first(mailbox: Mailbox) -> None:
    for number in range(12):
        mailbox.store(message(f"Order {number}"), ["ann@example.com"])
    assert [mail.subject for mail in mailbox.messages()][:2] == ["Order 11", "Order 10"]


def test_messages_survive_a_restart_as_eml_files(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.store(message("Your order"), ["ann@example.com"])
    assert [file.suffix for file in tmp_path.iterdir()] == [".eml"]
    assert Mailbox(tmp_path).messages() == mailbox.messages()


def test_what_is_no_proper_message_is_kept_too(mailbox: Mailbox) -> None:
    mailbox.store(b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe", [])
    assert mailbox.messages()[0].subject == ""


def test_the_page_shows_markup_in_a_message_as_text(mailbox: Mailbox) -> None:
    mailbox.store(message("<script>alert(1)</script>"), ["ann@example.com"])
    shown = page(mailbox.messages())
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
