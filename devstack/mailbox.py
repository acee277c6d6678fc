"""A mail catcher, one of the stack's servers: `python -m devstack.mailbox FOLDER SMTP_PORT HTTP_PORT`.

Each message becomes one `.eml` file. `/` shows them as a page, `/messages` as JSON, newest first.
"""

import asyncio
import email
import email.policy
import html
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

SIZE_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True)
class Mail:
    """One caught message, as `/messages` shows it."""

    id: str
    to: list[str]
    sender: str
    subject: str
    date: str
    headers: Mapping[str, str]
    text: str

    def to_json(self) -> dict[str, object]:
        """Use the name a reader expects, which Python reserves."""
        fields = asdict(self)
        return {"id": fields.pop("id"), "to": fields.pop("to"), "from": fields.pop("sender"), **fields}


class Mailbox:
    """The folder of the messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counter = itertools.count()

    def store(self, content: bytes, recipients: list[str]) -> str:
        """Keep a message with the envelope's recipients; returns its id. Ids sort by time of arrival."""
        name = f"{time.time_ns():020d}-{next(self._counter):06d}"
        part = self._folder / f".{name}"
        part.write_bytes(b"X-Envelope-To: " + ", ".join(recipients).encode() + b"\r\n" + content)
        part.rename(self._folder / f"{name}.eml")  # a reader never sees half a message
        return name

    def messages(self) -> list[Mail]:
        """Read all messages, newest first."""
        files = sorted(self._folder.glob("*.eml"), reverse=True)
        return [_read(file) for file in files]


class Catcher:
    """The handler aiosmtpd calls (its names are aiosmtpd's)."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep the message; one that is not kept is refused, so the sender tries again."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        try:
            name = self._mailbox.store(raw, envelope.rcpt_tos)
        except OSError as failure:
            return f"451 not kept: {failure.strerror}"
        return f"250 kept as {name}"


class Pages:
    """HTTP, as little of it as two pages need."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            writer.write(self._answer(head))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
            return
        finally:
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].partition(b"?")[0] if head.count(b" ") > 1 else b""
        if path == b"/messages":
            found = [mail.to_json() for mail in self._mailbox.messages()]
            return _response(HTTPStatus.OK, "application/json", json.dumps(found, ensure_ascii=False))
        if path == b"/":
            return _response(HTTPStatus.OK, "text/html", page(self._mailbox.messages()))
        return _response(HTTPStatus.NOT_FOUND, "text/plain", "There is / and /messages.\n")


def page(mails: list[Mail]) -> str:
    """Show the messages as HTML; whatever a message holds is shown as text."""
    items = "".join(
        f"<details><summary><b>{html.escape(mail.subject)}</b> to {html.escape(', '.join(mail.to))}, "
        f"{html.escape(mail.date)}</summary><pre>{html.escape(mail.text)}</pre></details>"
        for mail in mails
    )
    style = "body{font:16px sans-serif;max-width:50rem;margin:2rem auto}details{margin:.5rem 0}"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Mailbox</title><style>{style}</style>"
        f"<h1>Mailbox</h1><p>Messages caught: {len(mails)}, newest first.</p>{items}</html>"
    )


def _read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return Mail(
        id=file.stem,
        to=[address.strip() for address in str(message["X-Envelope-To"] or "").split(",") if address.strip()],
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        date=str(message["Date"] or ""),
        headers={name: str(value) for name, value in message.items()},
        text=_text_of(message),
    )


def _text_of(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    try:
        return str(body.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):  # an encoding nobody knows
        return str(body.get_payload())


def _response(status: HTTPStatus, kind: str, text: str) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def serve(folder: Path, smtp_port: int, http_port: int) -> None:
    """Serve both until SIGTERM."""
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(folder)
    catcher = Catcher(mailbox)

    def protocol() -> SMTP:
        return SMTP(catcher, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    smtp = await loop.create_server(protocol, "127.0.0.1", smtp_port)
    http = await asyncio.start_server(Pages(mailbox).serve, "127.0.0.1", http_port)
    print(f"mailbox {os.getpid()}: SMTP on {smtp_port}, HTTP on {http_port}", flush=True)
    async with smtp, http:
        await stopped.wait()


def main() -> None:
    """Run it."""
    folder, smtp_port, http_port = sys.argv[1:]
    asyncio.run(serve(Path(folder), int(smtp_port), int(http_port)))


if __name__ == "__main__":
    main()
