"""Deletes what has expired and serves nobody any more; one task of `aisle jobs`.

Each statement takes at most PRUNED_AT_ONCE rows, so that it holds nothing up; rows that somebody works with are left
for the next run.
"""

from collections.abc import Sequence

from sqlalchemy import TextClause, text

from order_service.database.engine import Database, translated_errors

PRUNED_AT_ONCE = 5_000

IDEMPOTENCY_KEYS = text("""
DELETE FROM idempotency_keys WHERE (scope, key) IN (
    SELECT scope, key FROM idempotency_keys WHERE expires_at < now()
    ORDER BY expires_at LIMIT :most FOR UPDATE SKIP LOCKED
)
""")

# Whole families: a used token names its successor, and a family is judged by all of its tokens.
REFRESH_TOKENS = text("""
DELETE FROM refresh_tokens WHERE family_id IN (
    SELECT family_id FROM refresh_tokens GROUP BY family_id HAVING max(expires_at) < now() - interval '1 day'
    ORDER BY max(expires_at) LIMIT :most
)
""")

# A day is far beyond the window in which sign_in counts them.
FAILED_SIGN_INS = text("""
DELETE FROM failed_sign_ins WHERE ctid IN (
    SELECT ctid FROM failed_sign_ins WHERE failed_at < now() - interval '1 day' LIMIT :most FOR UPDATE SKIP LOCKED
)
""")

STATEMENTS: Sequence[TextClause] = (IDEMPOTENCY_KEYS, REFRESH_TOKENS, FAILED_SIGN_INS)


async def prune_expired(database: Database) -> int:
    """Delete expired idempotency keys, ended sign-in sessions and old failed sign-ins; gives how many rows went.

    Commits a statement at a time. Raises Unavailable.
    """
    return sum([await _prune(database, statement) for statement in STATEMENTS])


async def _prune(database: Database, statement: TextClause) -> int:
    pruned = 0
    while True:
        async with translated_errors(), database.writes.begin() as connection:
            rows = (await connection.execute(statement, {"most": PRUNED_AT_ONCE})).rowcount
        pruned += rows
        if rows < PRUNED_AT_ONCE:
            return pruned
