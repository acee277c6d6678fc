"""Refresh tokens: opaque, stored hashed, rotated at every use; a second use of one revokes its whole family.

After RFC 9700 section 4.14.2. A client that lost the answer may ask again with the old token for a few seconds, as
long as the new one was not used: the successor is derived from the old token and the installation's key, so the
same answer can be given without keeping it.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import uuid_utils.compat
from sqlalchemy import Row, text

from order_service.accounts.account import Account, find_account
from order_service.database.engine import Database
from order_service.errors import NotAuthenticated
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import UserId
from schemas.settings import AuthSettings

GRACE = timedelta(seconds=10)

INSERT = text("""
INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, expires_at)
VALUES (:id, :family_id, :user_id, :token_hash, :expires_at)
""")

LOCK = text("""
SELECT t.id, t.family_id, t.user_id, t.expires_at, t.used_at, t.revoked_at, s.used_at AS successor_used_at
FROM refresh_tokens t LEFT JOIN refresh_tokens s ON s.id = t.successor_id
WHERE t.token_hash = :token_hash
FOR NO KEY UPDATE OF t
""")

SPEND = text("UPDATE refresh_tokens SET used_at = :now, successor_id = :successor_id WHERE id = :id")

REVOKE_FAMILY = text("UPDATE refresh_tokens SET revoked_at = :now WHERE family_id = :family_id AND revoked_at IS NULL")


class Rotation(msgspec.Struct, frozen=True):
    """A refreshed session: whose it is and the token for the next refresh."""

    account: Account
    refresh: str


async def issue_refresh_token(unit: UnitOfWork, settings: AuthSettings, user_id: UserId) -> str:
    """Start a family in the caller's transaction and return its first token."""
    token = secrets.token_urlsafe(32)
    await _insert(unit, settings, token, uuid_utils.compat.uuid7(), user_id)
    return token


async def rotate_refresh_token(database: Database, settings: AuthSettings, token: str) -> Rotation:
    """Spend the token, commit, and return its successor.

    Raises NotAuthenticated for an unknown, expired or revoked token, and for one that was used before: that also
    revokes every token of its family, committed before this raises.
    """
    rotation = await in_unit_of_work(database, lambda unit: _rotate(unit, settings, token))
    if rotation is None:
        raise NotAuthenticated
    return rotation


async def _rotate(unit: UnitOfWork, settings: AuthSettings, token: str) -> Rotation | None:
    now = datetime.now(UTC)
    row = (await unit.connection.execute(LOCK, {"token_hash": _hash(token)})).one_or_none()
    if row is None or row.revoked_at or row.expires_at <= now:
        return None
    if row.used_at and not _may_be_asked_again(row, now):
        await unit.connection.execute(REVOKE_FAMILY, {"now": now, "family_id": row.family_id})
        return None
    account = await find_account(unit.connection, row.user_id)
    if account is None:  # pragma: no cover - the foreign key deletes tokens with their account
        return None
    successor = _successor(settings, token)
    if not row.used_at:
        successor_id = await _insert(unit, settings, successor, row.family_id, row.user_id)
        await unit.connection.execute(SPEND, {"now": now, "successor_id": successor_id, "id": row.id})
    return Rotation(account, successor)


def _may_be_asked_again(row: Row[tuple[object, ...]], now: datetime) -> bool:
    return now - row.used_at <= GRACE and row.successor_used_at is None


async def _insert(unit: UnitOfWork, settings: AuthSettings, token: str, family_id: UUID, user_id: UserId) -> UUID:
    token_id = uuid_utils.compat.uuid7()
    await unit.connection.execute(
        INSERT,
        {
            "id": token_id,
            "family_id": family_id,
            "user_id": user_id,
            "token_hash": _hash(token),
            "expires_at": datetime.now(UTC) + timedelta(days=settings.refresh_days),
        },
    )
    return token_id


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _successor(settings: AuthSettings, token: str) -> str:
    digest = hmac.digest(settings.secret_key.encode(), b"refresh-successor:" + token.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
