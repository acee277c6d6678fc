"""Sends the mail that is due, forever; one loop of `aisle consume notifications`, and any number of them side by side.

A row is claimed by moving its due time LEASE_S ahead, sent, and marked, each in a transaction of its own: no
lock is held while a mail server thinks. So a mail is sent twice only when the process dies, or loses
Postgres, between the server's acceptance and the mark; both carry the same Message-ID. A claim that came to
nothing is due again by itself.
"""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import TextClause, text

from messaging.waiting import Backoff, happened_within, unless_stopped
from order_service.database.engine import Database, translated_errors
from order_service.database.fair_engine import FairEngine
from order_service.errors import Unavailable
from order_service.notifications.compose_mail import CannotCompose, MailComposer, Notification
from order_service.notifications.mail_server import (
    SEND_TIMEOUT_S,
    MailConnection,
    MailDelayed,
    MailRefused,
    MailServer,
    ServerAway,
)

BATCH = 20
LEASE_S = 30.0
POLL_S = 0.25
FINISH_S = 5.0
REFUSALS_UNTIL_FAILED = 4
AWAY = Backoff(first_s=0.5, cap_s=8.0)
DELAYED = Backoff(first_s=5.0, cap_s=1800.0)

CLAIM = text("""
WITH due AS MATERIALIZED (
    SELECT id FROM notifications WHERE status = 'PENDING' AND due_at <= now()
    ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED
)
UPDATE notifications SET due_at = now() + make_interval(secs => :lease_s)
FROM due WHERE notifications.id = due.id
RETURNING notifications.id, event_id, kind, recipient, context, attempts, created_at
""")

MARK_SENT = text("""
UPDATE notifications SET status = 'SENT', sent_at = now(), attempts = attempts + 1, last_error = NULL
WHERE id = :id AND status = 'PENDING'
""")

MARK_LATER = text("""
UPDATE notifications
SET due_at = now() + make_interval(secs => :pause_s), attempts = attempts + 1, last_error = :error
WHERE id = :id AND status = 'PENDING'
""")

MARK_FAILED = text("""
UPDATE notifications SET status = 'FAILED', attempts = attempts + 1, last_error = :error
WHERE id = :id AND status = 'PENDING'
""")

GIVE_BACK = text("""
UPDATE notifications SET due_at = now() + make_interval(secs => :pause_s), last_error = :error
WHERE id = ANY (CAST(:ids AS uuid[])) AND status = 'PENDING'
""")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mailer:
    """What the sender needs: the rows, the words and the way out.

    Of the database only the autocommit engine is used: each statement is a transaction of its own.
    """

    database: Database
    composer: MailComposer
    server: MailServer


async def send_mail_until_stopped(mailer: Mailer, stop: asyncio.Event) -> None:
    """Send what is due until `stop` is set; then finish the running mail within FINISH_S.

    Waits with back-off while the mail server or Postgres is away; no mail is lost or counted as tried by
    that.
    """
    failures = 0
    while not stop.is_set():
        try:
            sent = await unless_stopped(send_due_mail(mailer, stop), stop, grace_s=FINISH_S)
        except ServerAway as error:
            failures += 1
            log.warning("mail_server_away", error=str(error), failures=failures)
        except Unavailable:
            failures += 1
            log.warning("postgres_away", doing="send_mail", failures=failures)
        else:
            failures = 0
            if sent == BATCH:
                continue
        await happened_within(stop, AWAY.pause_s(failures) if failures else POLL_S)


async def send_due_mail(mailer: Mailer, stop: asyncio.Event) -> int:
    """Claim up to BATCH due rows and try each once; returns how many were claimed. Commits a row at a time.

    Raises ServerAway when there is no connection to be had: what was not tried is due again soon, uncounted.
    Raises Unavailable while Postgres is away.
    """
    claimed_at = time.monotonic()
    due = await _claim(mailer.database.reads)
    waiting = {notification.id: notification for notification in due}
    try:
        while waiting and not stop.is_set() and time.monotonic() - claimed_at < LEASE_S - SEND_TIMEOUT_S:
            await _send_over_one_connection(mailer, waiting, claimed_at, stop)
    except ServerAway as error:
        await _write(mailer, GIVE_BACK, ids=list(waiting), pause_s=AWAY.cap_s / 2, error=str(error))
        raise
    if waiting:
        await _write(mailer, GIVE_BACK, ids=list(waiting), pause_s=0.0, error=None)
    return len(due)


async def _claim(engine: FairEngine) -> list[Notification]:
    async with translated_errors(), engine.connect() as connection:
        rows = await connection.execute(CLAIM, {"batch": BATCH, "lease_s": LEASE_S})
        return [Notification(*row) for row in rows]


async def _send_over_one_connection(
    mailer: Mailer, waiting: dict[UUID, Notification], claimed_at: float, stop: asyncio.Event
) -> None:
    """Work through `waiting` until it is empty, the lease or the process ends, or the connection is unusable."""
    async with mailer.server.connection() as connection:
        for notification in list(waiting.values()):
            if stop.is_set() or time.monotonic() - claimed_at > LEASE_S - SEND_TIMEOUT_S:
                return
            intact = await _send_one(mailer, connection, notification)
            del waiting[notification.id]
            if not intact:
                return


async def _send_one(mailer: Mailer, connection: MailConnection, notification: Notification) -> bool:
    """Try one row and write down what came of it; False when the connection should not be used further."""
    try:
        await connection.send(mailer.composer.compose(notification))
    except CannotCompose as error:
        await _give_up(mailer, notification, str(error))
    except MailRefused as error:
        if notification.attempts + 1 >= REFUSALS_UNTIL_FAILED:
            await _give_up(mailer, notification, str(error))
        else:
            await _later(mailer, notification, str(error))
    except MailDelayed as error:
        await _later(mailer, notification, str(error))
        return False
    else:
        await _write(mailer, MARK_SENT, id=notification.id)
        log.info("mail_sent", event_id=str(notification.event_id), kind=notification.kind)
    return True


async def _later(mailer: Mailer, notification: Notification, error: str) -> None:
    pause_s = DELAYED.pause_s(notification.attempts + 1)
    log.warning("mail_delayed", event_id=str(notification.event_id), error=error, pause_s=round(pause_s))
    await _write(mailer, MARK_LATER, id=notification.id, pause_s=pause_s, error=error)


async def _give_up(mailer: Mailer, notification: Notification, error: str) -> None:
    log.error("mail_failed", event_id=str(notification.event_id), kind=notification.kind, error=error)
    await _write(mailer, MARK_FAILED, id=notification.id, error=error)


async def _write(mailer: Mailer, statement: TextClause, **values: object) -> None:
    async with translated_errors(), mailer.database.reads.connect() as connection:
        await connection.execute(statement, values)
