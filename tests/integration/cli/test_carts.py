"""`aisle carts` and `aisle idempotency` on real Postgres."""

from collections.abc import Callable

import psycopg
import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.servers

Query = Callable[[str], list[tuple[object, ...]]]


def test_stale_carts_are_closed_and_counted(shop: Run, empty_shop: dict[str, str], query: Query) -> None:
    with psycopg.connect(empty_shop["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO carts (session_digest, active_at) "
            "SELECT sha256(n::text::bytea), now() - n * interval '1 hour' FROM generate_series(1, 4) n"
        )
    assert shop("carts", "abandon-stale").output == "abandoned 3 carts\n"
    assert query("SELECT status, count(*) FROM carts GROUP BY 1 ORDER BY 1") == [("ABANDONED", 3), ("OPEN", 1)]
    assert shop("carts", "abandon-stale", "--idle-minutes", "30").output == "abandoned 1 cart\n"
    assert shop("carts", "abandon-stale", "--idle-minutes", "0").exit_code == 2


def test_expired_keys_are_deleted_and_counted(shop: Run, empty_shop: dict[str, str], query: Query) -> None:
    with psycopg.connect(empty_shop["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO idempotency_keys (scope, key, fingerprint, expires_at) "
            "VALUES ('s', 'old', '', now() - interval '1 s'), ('s', 'new', '', now() + interval '1 h')"
        )
    assert shop("idempotency", "prune").output == "deleted 1 expired key\n"
    assert query("SELECT key FROM idempotency_keys") == [("new",)]
