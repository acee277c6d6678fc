"""The three import commands with files, the shared data among them, on real Postgres."""

import gzip
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from click.testing import Result

pytestmark = pytest.mark.servers
Run = Callable[..., Result]
Query = Callable[[str], list[tuple[object, ...]]]

FULL = os.environ.get("AISLE_FULL") == "1"
INVENTORY_LINES = 194_008 if FULL else 25_000

INVARIANT = """
SELECT count(*) FROM stock_levels LEFT JOIN (
    SELECT store_id, product_id, sum(quantity) AS moved FROM stock_movements GROUP BY store_id, product_id
) ledger USING (store_id, product_id) WHERE on_hand <> coalesce(moved, 0)
"""


def test_the_real_catalogue_goes_in_and_again_as_nothing(shop: Run, query: Query, data_folder: Path) -> None:
    feed = str(data_folder / "icecat_feed.jsonl.gz")
    first = shop("import", "products", feed)
    assert (first.exit_code, first.output) == (0, "products: 19406 created, 0 changed, 0 unchanged, 0 bad\n")
    again = shop("import", "products", feed)
    assert (again.exit_code, again.output) == (0, "products: 0 created, 0 changed, 19406 unchanged, 0 bad\n")
    assert query("SELECT count(*), max(version) FROM products") == [(19406, 1)]
    assert query("SELECT count(*), count(DISTINCT product_id) FROM product_changes") == [(19406, 19406)]
    assert query("SELECT count(*) - count(DISTINCT slug) FROM categories") == [(0,)]


@pytest.mark.full
def test_the_real_stores_and_their_inventory_go_in(shop: Run, query: Query, data_folder: Path, tmp_path: Path) -> None:
    stores = shop("import", "stores", str(data_folder / "stores.jsonl"))
    assert stores.output == "stores: 25 created, 0 changed, 0 unchanged, 0 bad\n"
    part = tmp_path / "inventory.csv"
    with gzip.open(data_folder / "local_inventory.csv.gz", "rb") as whole:
        part.write_bytes(b"".join(islice(whole, INVENTORY_LINES + 1)))
    first = shop("import", "inventory", str(part))
    assert first.output == f"inventory: {INVENTORY_LINES} created, 0 changed, 0 unchanged, 0 bad\n"
    again = shop("import", "inventory", str(part))
    assert again.output == f"inventory: 0 created, 0 changed, {INVENTORY_LINES} unchanged, 0 bad\n"
    assert query(INVARIANT) == [(0,)]
    assert query("SELECT count(*) FROM stock_levels WHERE on_hand > 0") == query("SELECT count(*) FROM stock_movements")


def test_every_kind_of_bad_line_is_listed_and_the_rest_goes_in(shop: Run, tmp_path: Path) -> None:
    lines = [
        b'{"id":"good-1","title":"Good","price":"1.00 USD"}',
        b"not json",
        b'{"id":"x","price":"1.00 USD"}',
        b'{"id":"x","title":"t","price":"-1.00 USD"}',
        b'{"id":"x","title":"t","price":"dear"}',
        b'{"id":"x","title":"t","price":"1.00 QQQ"}',
        b'{"id":"good-1","title":"Again","price":"1.00 USD"}',
        b'{"id":"x","title":"' + b"x" * 10_000_000 + b'","price":"1.00 USD"}',
        b'{"id":"x","title":"\xff","price":"1.00 USD"}',
        b'{"id":"x","title":"t","price":"1.00 USD","attributes":{"\\u001b[31m":[1]}}',
        b'{"id":"good-2","title":"Good","price":"1.00 USD"}',
    ]
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"\n".join(lines))
    result = shop("import", "products", str(feed))
    assert result.exit_code == 1
    assert result.stdout == "products: 2 created, 0 changed, 0 unchanged, 9 bad\n"
    told = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == [f"line {n}" for n in range(2, 11)]
    for line, reason in zip(
        told,
        (
            "not JSON",
            "title missing",
            "price",
            "price",
            "unknown currency",
            "earlier line",
            "longer than",
            "UTF-8",
            "[",
        ),
        strict=True,
    ):
        assert reason in line
    assert "\x1b" not in result.stderr


def test_a_file_that_breaks_off_keeps_what_came_before(shop: Run, tmp_path: Path) -> None:
    lines = b"".join(b'{"id":"cut-%d","title":"Good","price":"1.00 USD"}\n' % n for n in range(3000))
    feed = tmp_path / "feed.jsonl.gz"
    feed.write_bytes(gzip.compress(lines)[:-100])
    result = shop("import", "products", str(feed))
    assert result.exit_code == 1
    assert "breaks off after line" in result.stderr
    assert "what came before it is kept" in result.stderr
    assert 0 < int(result.stdout.split()[1]) < 3000
