import pytest
from sqlalchemy import text

from order_service.database.engine import Database
from order_service.jobs.prune_expired import prune_expired

pytestmark = pytest.mark.servers

ROWS = """
INSERT INTO idempotency_keys (scope, key, fingerprint, expires_at)
VALUES ('prune', 'past', '', now() - interval '1 minute'), ('prune', 'valid', '', now() + interval '1 minute');
INSERT INTO failed_sign_ins (subject, failed_at)
VALUES ('account:prune', now() - interval '2 days'), ('account:prune', now() - interval '10 minutes');
INSERT INTO users (username, email, password_hash) VALUES ('prune', 'prune@example.com', '');
"""
TOKENS = text("""
WITH owner AS (SELECT id FROM users WHERE username = 'prune')
INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, successor_id, expires_at)
SELECT token, family, owner.id, CAST(CAST(token AS text) AS bytea), successor, now() + make_interval(days => days)
FROM owner, (VALUES
    (CAST('0190a000-0000-7000-8000-000000000001' AS uuid), CAST('0190a000-0000-7000-8000-00000000000a' AS uuid),
     CAST('0190a000-0000-7000-8000-000000000002' AS uuid), -3),
    ('0190a000-0000-7000-8000-000000000002', '0190a000-0000-7000-8000-00000000000a', NULL, -2),
    ('0190a000-0000-7000-8000-000000000003', '0190a000-0000-7000-8000-00000000000b',
     '0190a000-0000-7000-8000-000000000004', -3),
    ('0190a000-0000-7000-8000-000000000004', '0190a000-0000-7000-8000-00000000000b', NULL, 5)
) AS given (token, family, successor, days)
""")
LEFT = text("""
SELECT (SELECT array_agg(key) FROM idempotency_keys WHERE scope = 'prune'),
       (SELECT count(*) FROM failed_sign_ins WHERE subject = 'account:prune'),
       (SELECT array_agg(CAST(right(CAST(t.id AS text), 1) AS text) ORDER BY t.id)
        FROM refresh_tokens t JOIN users u ON u.id = t.user_id WHERE u.username = 'prune')
""")


async def test_what_expired_goes_and_what_is_valid_stays_with_its_whole_family(database: Database) -> None:
    async with database.writes.begin() as connection:
        for statement in ROWS.strip().split(";\n"):
            await connection.execute(text(statement))
        await connection.execute(TOKENS)
    assert await prune_expired(database) >= 4
    async with database.reads.connect() as connection:
        assert (await connection.execute(LEFT)).one() == (["valid"], 1, ["3", "4"])
