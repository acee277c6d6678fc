"""Mail through a real SMTP server, from rows in real Postgres."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from cli.consume import consume_notifications
from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from order_service.database.engine import Database
from order_service.notifications.compose_mail import MailComposer
from order_service.notifications.mail_server import MailServer, ServerAway
from order_service.notifications.record_mail import record_mail
from order_service.notifications.send_mail import Mailer, send_due_mail, send_mail_until_stopped
from schemas.events.order_events import OrderEventLine
from schemas.settings import KafkaSettings
from tests.factories.events import order_event, order_message
from tests.factories.mail_catcher import MailCatcher
from tests.factories.waiting import until, until_answered

pytestmark = pytest.mark.servers


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    """A mail server of the test's own."""
    server = MailCatcher()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(autouse=True)
async def nothing_else_is_due(database: Database) -> None:
    """Put off what other tests left."""
    async with database.reads.connect() as connection:
        await connection.execute(text("UPDATE notifications SET due_at = now() + interval '1 day'"))


def mailer_for(database: Database, url: str) -> Mailer:
    return Mailer(database, MailComposer("Aisle", "shop@example.com"), MailServer(url))


def some_address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


async def want(database: Database, recipient: str, **fields: Any) -> uuid.UUID:
    event_id = uuid.uuid4()
    await record_mail(database, [order_message(order_event(email=recipient, **fields), event_id=event_id)])
    return event_id


async def row_of(database: Database, event_id: uuid.UUID) -> dict[str, Any]:
    async with database.reads.connect() as connection:
        row = await connection.execute(
            text("""
            SELECT status, attempts, last_error, due_at - now() AS due_in, sent_at
            FROM notifications WHERE event_id = :id
            """),
            {"id": event_id},
        )
        return dict(row.mappings().one())


async def make_due(database: Database, event_id: uuid.UUID) -> None:
    async with database.reads.connect() as connection:
        await connection.execute(text("UPDATE notifications SET due_at = now() WHERE event_id = :id"), {"id": event_id})


@asynccontextmanager
async def sending(mailer: Mailer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.ensure_future(send_mail_until_stopped(mailer, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def test_the_mail_of_an_event_that_arrives_twice_is_sent_once(
    database: Database, kafka: KafkaSettings, catcher: MailCatcher
) -> None:
    recipient, event_id = some_address(), uuid.uuid4()
    given = order_message(order_event(email=recipient), event_id=event_id)
    message = OutgoingMessage("order.v1", given.key or b"", given.value, given.headers)
    stop = asyncio.Event()
    running = asyncio.ensure_future(consume_notifications(kafka, mailer_for(database, catcher.url), stop))
    async with Publisher(kafka) as publisher:
        await publisher.publish([message, message])
        await until(lambda: catcher.to(recipient))
        await publisher.publish([message])
        last = some_address()
        tail = order_message(order_event(email=last))
        await publisher.publish([OutgoingMessage("order.v1", given.key or b"", tail.value, tail.headers)])
        await until(lambda: catcher.to(last))
    stop.set()
    await asyncio.wait_for(running, 10)
    (mail,) = catcher.to(recipient)
    assert (mail["Message-ID"], mail["Aisle-Event-Id"]) == (f"<{event_id}@aisle>", str(event_id))
    assert (await row_of(database, event_id))["status"] == "SENT"


async def test_both_bodies_arrive_as_they_were_written(database: Database, catcher: MailCatcher) -> None:
    recipient = some_address()
    title = "Théière «Zoë» 急須 " + "x" * 1200
    await want(database, recipient, lines=[OrderEventLine(1, "S", title, 1, 100, 100)])
    await send_due_mail(mailer_for(database, catcher.url), asyncio.Event())
    (mail,) = catcher.to(recipient)
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert title in part.get_content()


async def test_mail_waits_while_the_server_is_down_and_goes_out_when_it_is_up(
    database: Database, catcher: MailCatcher
) -> None:
    recipient = some_address()
    await catcher.stop()
    event_id = await want(database, recipient)
    async with sending(mailer_for(database, catcher.url)):

        async def was_tried() -> bool:
            return (await row_of(database, event_id))["last_error"] is not None

        await until_answered(was_tried)
        await catcher.start()
        await until(lambda: catcher.to(recipient))
    row = await row_of(database, event_id)
    assert (row["status"], row["attempts"], row["last_error"]) == ("SENT", 1, None)
    assert len(catcher.to(recipient)) == 1


async def test_a_server_that_is_away_counts_as_no_attempt(database: Database, unused_tcp_port: int) -> None:
    event_id = await want(database, some_address())
    for _ in range(6):
        await make_due(database, event_id)
        with pytest.raises(ServerAway):
            await send_due_mail(mailer_for(database, f"smtp://127.0.0.1:{unused_tcp_port}"), asyncio.Event())
    row = await row_of(database, event_id)
    assert (row["status"], row["attempts"]) == ("PENDING", 0)


async def test_a_refused_address_is_given_up_after_four_tries_and_blocks_nobody(
    database: Database, catcher: MailCatcher
) -> None:
    bad, good = some_address(), some_address()
    catcher.refused[bad] = "550 no such user"
    event_id = await want(database, bad)
    await want(database, good)
    mailer = mailer_for(database, catcher.url)
    for attempt in range(1, 5):
        await make_due(database, event_id)
        await send_due_mail(mailer, asyncio.Event())
        row = await row_of(database, event_id)
        assert row["attempts"] == attempt
        assert row["status"] == ("FAILED" if attempt == 4 else "PENDING")
        assert "no such user" in row["last_error"]
    assert len(catcher.to(good)) == 1
    assert catcher.to(bad) == []


async def test_a_temporary_refusal_is_tried_again_later(database: Database, catcher: MailCatcher) -> None:
    recipient = some_address()
    catcher.refused[recipient] = "450 greylisted"
    event_id = await want(database, recipient)
    mailer = mailer_for(database, catcher.url)
    for _ in range(6):
        await make_due(database, event_id)
        await send_due_mail(mailer, asyncio.Event())
    row = await row_of(database, event_id)
    assert row["status"] == "PENDING"
    assert row["due_in"].total_seconds() > 30
    catcher.refused.clear()
    await make_due(database, event_id)
    await send_due_mail(mailer, asyncio.Event())
    assert len(catcher.to(recipient)) == 1


async def test_an_unusable_address_fails_at_once_and_blocks_nobody(database: Database, catcher: MailCatcher) -> None:
    good = some_address()
    event_id = await want(database, "one@example.com, two@example.com")
    await want(database, good)
    await send_due_mail(mailer_for(database, catcher.url), asyncio.Event())
    assert (await row_of(database, event_id))["status"] == "FAILED"
    assert [mail["To"] for mail in catcher.messages] == [good]


async def test_two_senders_share_the_work_and_send_nothing_twice(database: Database, catcher: MailCatcher) -> None:
    recipients = [some_address() for _ in range(60)]
    for recipient in recipients:
        await want(database, recipient)
    async with sending(mailer_for(database, catcher.url)), sending(mailer_for(database, catcher.url)):
        await until(lambda: len(catcher.messages) >= 60)
    assert sorted(mail["To"] for mail in catcher.messages) == sorted(recipients)


async def test_a_mail_whose_sender_died_after_the_claim_comes_due_again(
    database: Database, catcher: MailCatcher
) -> None:
    recipient = some_address()
    event_id = await want(database, recipient)
    mailer = mailer_for(database, catcher.url)
    async with database.reads.connect() as connection:  # what a claim leaves behind
        await connection.execute(
            text("UPDATE notifications SET due_at = now() + interval '30 s' WHERE event_id = :id"), {"id": event_id}
        )
    assert await send_due_mail(mailer, asyncio.Event()) == 0
    await make_due(database, event_id)
    assert await send_due_mail(mailer, asyncio.Event()) == 1
    assert len(catcher.to(recipient)) == 1


async def test_a_server_that_hangs_up_on_one_mail_does_not_stop_the_others(
    database: Database, catcher: MailCatcher
) -> None:
    unlucky = some_address()
    catcher.refused[unlucky] = "421 closing the connection"
    event_id = await want(database, unlucky)
    others = [some_address() for _ in range(3)]
    for recipient in others:
        await want(database, recipient)
    await send_due_mail(mailer_for(database, catcher.url), asyncio.Event())
    assert (await row_of(database, event_id))["status"] == "PENDING"
    assert sorted(mail["To"] for mail in catcher.messages) == sorted(others)
