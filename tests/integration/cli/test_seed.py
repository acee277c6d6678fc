"""`aisle seed` fills a shop once, and again changes nothing that people did meanwhile."""

from collections.abc import Callable

import psycopg
import pytest
from click.testing import Result

pytestmark = pytest.mark.servers


def test_the_seed_is_added_once_and_edits_survive_it(
    shop: Callable[..., Result], query: Callable[[str], list[tuple[object, ...]]], empty_shop: dict[str, str]
) -> None:
    first = shop("seed")
    assert (first.exit_code, first.stderr) == (0, "")
    assert query("SELECT count(*) FROM categories WHERE parent_id IS NULL") == [(12,)]
    assert query("SELECT count(*) >= 1200 FROM products") == [(True,)]
    assert query("SELECT count(*) FROM stores") == [(25,)]
    assert query("SELECT count(*) > 10000, min(on_hand) FROM stock_levels") == [(True, 0)]
    assert query("SELECT DISTINCT role FROM users") == [("customer",)]
    with psycopg.connect(empty_shop["DATABASE_URL"]) as connection:
        connection.execute("UPDATE products SET price_minor = 1 WHERE sku = 'CAB-0001'")
        connection.execute("UPDATE products SET deleted_at = now() WHERE sku = 'CAB-0002'")
    again = shop("seed")
    assert (again.exit_code, again.stderr) == (0, "")
    assert {line.split(": ")[1].split()[0] for line in again.stdout.splitlines()} == {"0"}
    assert query("SELECT price_minor, version FROM products WHERE sku = 'CAB-0001'") == [(1, 2)]
    assert query("SELECT deleted_at IS NOT NULL FROM products WHERE sku = 'CAB-0002'") == [(True,)]
