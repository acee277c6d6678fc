"""The conversation with the SMTP server, with every failure sorted by what is to be done about it; for the sender.

MailFailure
├── ServerAway     no connection, or the server will not talk to us: nothing is wrong with any mail
├── MailDelayed    this mail was not taken now (4xx, a broken connection, our own address refused): later again
└── MailRefused    this mail was refused for good (5xx for its recipient or its content)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

CONNECT_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 10.0
LONGEST_ERROR = 500  # characters
PERMANENT = 500  # SMTP codes from here on say "for good" (RFC 5321, 4.2.1)
SMTPS_PORT, SMTP_PORT = 465, 25


class MailFailure(Exception):
    """A mail did not leave; the text says what the server said."""


class ServerAway(MailFailure):
    """There is no usable connection to the server."""


class MailDelayed(MailFailure):
    """The server did not take this mail now."""


class MailRefused(MailFailure):
    """The server will never take this mail."""


class MailServer:
    """Knows where the server of an `smtp://` or `smtps://` URL is and how to talk to it.

    `smtps` is TLS from the first byte. `smtp` changes to TLS where the server offers STARTTLS, and must when
    the URL holds a password: that never travels in the clear.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (SMTPS_PORT if self._tls else SMTP_PORT)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["MailConnection"]:
        """Connect and sign in; leaving says goodbye. Raises ServerAway within CONNECT_TIMEOUT_S a step."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            start_tls=False if self._tls else (True if self._user else None),
            timeout=CONNECT_TIMEOUT_S,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerAway(told(error)) from error
        try:
            yield MailConnection(client)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=1.0)
            client.close()


class MailConnection:
    """One open connection; takes one mail after the other."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, message: EmailMessage) -> None:
        """Hand the mail over; returns once the server has taken it. Raises MailDelayed, MailRefused or ServerAway."""
        if not self._client.is_connected:
            raise ServerAway("the server hung up")
        try:
            await self._client.send_message(message, timeout=SEND_TIMEOUT_S)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _by_code(error.recipients[0].code, error) from error
        except aiosmtplib.SMTPSenderRefused as error:
            raise MailDelayed(told(error)) from error  # our own address: for an operator to mend
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code, error) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailDelayed(told(error)) from error


def _by_code(code: int, error: Exception) -> MailFailure:
    return MailRefused(told(error)) if code >= PERMANENT else MailDelayed(told(error))


def told(error: Exception) -> str:
    """Shorten an error for `last_error`."""
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
