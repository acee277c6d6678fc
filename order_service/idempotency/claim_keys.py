"""Claiming idempotency keys inside the transaction of the effect; called by every use case that takes a key.

After the IETF draft "The Idempotency-Key HTTP Header Field": the row commits with the effect, so a crash leaves
either both or neither, and a concurrent request with the same key waits for the first one's verdict.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.database.json_arrays import json_array
from order_service.errors import IdempotencyInProgress

HOURS_KEPT = 24
KEY_MAX = 255

CLAIM = text("""
INSERT INTO idempotency_keys (scope, key, fingerprint, expires_at)
SELECT scope, key, fingerprint, now() + make_interval(hours => :hours)
FROM unnest(CAST(:scopes AS text[]), CAST(:keys AS text[]), CAST(:fingerprints AS bytea[]))
    AS k (scope, key, fingerprint)
ORDER BY scope, key
ON CONFLICT (scope, key) DO UPDATE
SET fingerprint = excluded.fingerprint, outcome = NULL, created_at = now(), expires_at = excluded.expires_at
WHERE idempotency_keys.expires_at < now()
RETURNING scope, key
""")

STORED = text("""
SELECT i.scope, i.key, i.fingerprint, i.outcome::text AS outcome
FROM idempotency_keys i
JOIN unnest(CAST(:scopes AS text[]), CAST(:keys AS text[])) AS k (scope, key) USING (scope, key)
""")

STORE = text("""
UPDATE idempotency_keys i SET outcome = k.outcome
FROM ROWS FROM (
    unnest(CAST(:scopes AS text[]), CAST(:keys AS text[])), jsonb_array_elements(CAST(:outcomes AS jsonb))
) AS k (scope, key, outcome)
WHERE i.scope = k.scope AND i.key = k.key
""")

RELEASE = text("""
DELETE FROM idempotency_keys i
USING unnest(CAST(:scopes AS text[]), CAST(:keys AS text[])) AS k (scope, key)
WHERE i.scope = k.scope AND i.key = k.key
""")

LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyKey(msgspec.Struct, frozen=True):
    """A key within its scope (who, method, route), and the digest of the canonical request body."""

    scope: str
    key: str
    fingerprint: bytes

    @property
    def name(self) -> tuple[str, str]:
        """What identifies the key."""
        return self.scope, self.key


class StoredOutcome(msgspec.Struct, frozen=True):
    """What an earlier request with the key came to: its body's digest and the outcome as JSON text."""

    fingerprint: bytes
    outcome: str


async def claim_keys(
    connection: AsyncConnection, keys: Sequence[IdempotencyKey]
) -> dict[tuple[str, str], StoredOutcome]:
    """Claim each key for this transaction; return the stored outcomes of those that were used before.

    Blocks while another transaction holds one of the keys, at most the lock time-out, then raises
    IdempotencyInProgress. An expired key counts as new.
    """
    if not keys:
        return {}
    columns: dict[str, Any] = {"scopes": [key.scope for key in keys], "keys": [key.key for key in keys]}
    values = {**columns, "fingerprints": [key.fingerprint for key in keys], "hours": HOURS_KEPT}
    try:
        claimed = {(row.scope, row.key) for row in await connection.execute(CLAIM, values)}
    except exc.DBAPIError as error:
        if isinstance(error.orig, psycopg.Error) and error.orig.sqlstate == LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from error
        raise
    if len(claimed) == len({key.name for key in keys}):
        return {}
    stored = await connection.execute(STORED, columns)
    return {
        (row.scope, row.key): StoredOutcome(bytes(row.fingerprint), row.outcome)
        for row in stored
        if (row.scope, row.key) not in claimed
    }


async def store_outcomes(connection: AsyncConnection, outcomes: dict[tuple[str, str], str]) -> None:
    """Keep the JSON text of each outcome under its claimed key, in the caller's transaction."""
    if outcomes:
        values: dict[str, Any] = {
            "scopes": [scope for scope, _ in outcomes],
            "keys": [key for _, key in outcomes],
            "outcomes": json_array(list(outcomes.values())),
        }
        await connection.execute(STORE, values)


async def release_keys(connection: AsyncConnection, keys: Sequence[IdempotencyKey]) -> None:
    """Give up claims of this transaction whose effect did not come about, so that the keys count as unused."""
    if keys:
        await connection.execute(RELEASE, {"scopes": [key.scope for key in keys], "keys": [key.key for key in keys]})
