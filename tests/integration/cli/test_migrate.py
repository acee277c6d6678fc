"""`aisle migrate` on real Postgres."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from order_service.database.migrate import newest_revision

pytestmark = pytest.mark.servers


def test_it_says_where_it_came_from_and_commands_want_it_done(run: Callable[..., Result], tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"")
    refused = run("import", "products", str(feed))
    assert refused.exit_code == 1
    assert "run `aisle migrate`" in refused.output
    assert run("migrate").output == f"schema: none → {newest_revision()}\n"
    assert run("migrate").output == f"schema: {newest_revision()}, as before\n"
    assert run("import", "products", str(feed)).exit_code == 0


def test_a_server_that_is_away_is_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"")
    for arguments in (["migrate"], ["import", "products", str(feed)]):
        result = run(*arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
        assert result.exit_code == 1
        assert result.output.startswith("Error: Postgres cannot ")
        assert result.output.count("\n") == 1
