"""How soon searches show a write, through every process and HTTP, beside the index's refresh interval.

A time runs from sending the write to reading the first answer that shows it. No write can be seen before the next
refresh, so the interval is the reference: half of it on average is lost there and nowhere else. Writes begin at a
random moment of the interval, since one that follows a sighting would always begin at its start.
"""

import itertools
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.latencies import MEDIAN, NEARLY_ALL, latency_row
from benchmarks.own_servers import fresh_environment
from benchmarks.pgbench import pgbench
from benchmarks.rows import Row
from schemas.environment import load
from schemas.search_settings import SearchSettings
from tests.factories.processes import eventually, run_aisle
from tests.factories.running_shop import V1, RunningShop

NAME = "freshness"

PRICES, ORDERS = 60, 30
GOALS_MS = {MEDIAN: 400, NEARLY_ALL: 1_500}
WRITES_A_SECOND = 200
POLL_S = 0.005
LONGEST_S = 30.0

CHANGE_A_PRODUCT = """
\\set step random(1, 1000)
BEGIN;
UPDATE products SET price_minor = price_minor + :step % 2 * 2 - 1, version = version + 1, updated_at = now()
    WHERE id = (SELECT id FROM products WHERE id >= :step ORDER BY id LIMIT 1) RETURNING id AS changed \\gset
INSERT INTO product_changes (product_id) VALUES (:changed);
COMMIT;
"""


def run() -> list[Row]:
    """Measure on a shop of its own with the seed catalogue; takes about 80 seconds."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "seed")
        refresh_s = load(SearchSettings, environment).refresh_interval_ms / 1000
        shop = RunningShop(environment, Path(folder))
        try:
            shop.start()
            return _measured(shop, environment["DATABASE_URL"], refresh_s)
        finally:
            shop.stop()


def _measured(shop: RunningShop, database_url: str, refresh_s: float) -> list[Row]:
    store_id = shop.new_store()
    category_id = shop.new_category()["id"]
    products = [shop.new_product(category_id, {store_id: 1}) for _ in range(ORDERS)]
    eventually(lambda: shop.found(**on_the_shelf(products[-1], store_id)), LONGEST_S)
    repriced = itertools.cycle(products)
    alone = [priced_s(shop, next(repriced), number, refresh_s) for number in range(PRICES)]
    writes, started = writes_so_far(database_url), time.monotonic()
    with changing_products(database_url):
        beside = [priced_s(shop, next(repriced), number, refresh_s) for number in range(PRICES, 2 * PRICES)]
    a_second = (writes_so_far(database_url) - writes) / (time.monotonic() - started)
    sold = [sold_out_s(shop, product, store_id, refresh_s) for product in products]
    return [
        *_rows("a price → found at it", alone, refresh_s),
        *_rows(f"the same beside {a_second:.0f} product writes/s", beside, refresh_s),
        *_rows("order of the last unit → gone from in_stock", sold, refresh_s),
    ]


def _rows(claim: str, seconds: Sequence[float], refresh_s: float) -> list[Row]:
    return [
        latency_row(
            claim, seconds, share, reference_s=refresh_s, reference_name="refresh interval", at_most_ms=at_most_ms
        )
        for share, at_most_ms in GOALS_MS.items()
    ]


def priced_s(shop: RunningShop, product: Any, number: int, refresh_s: float) -> float:
    """Give the product a price that it never had and wait until it is found by it."""
    price = f"{100 + number}.00"

    def change() -> None:
        shop.staff.send("PATCH", f"{V1}/products/{product['id']}", {"price": price}, 200)

    return seen_s(change, lambda: shop.found(q=product["word"], price_min=price, price_max=price), refresh_s)


def sold_out_s(shop: RunningShop, product: Any, store_id: int, refresh_s: float) -> float:
    """Order the only unit in the store and wait until it is not among what the store has."""
    order = {"items": [{"product_id": product["id"], "quantity": 1}], "store_id": store_id, "email": "b@example.com"}
    return seen_s(
        lambda: shop.anyone.send("POST", f"{V1}/orders", order, 201),
        lambda: not shop.found(**on_the_shelf(product, store_id)),
        refresh_s,
    )


def on_the_shelf(product: Any, store_id: int) -> dict[str, object]:
    """Ask for the product where the store has it."""
    return {"q": product["word"], "store_id": store_id, "in_stock": "true"}


def seen_s(write: Callable[[], object], is_seen: Callable[[], object], refresh_s: float) -> float:
    """Write at some moment within the next refresh interval; gives the seconds until it is seen."""
    time.sleep(random.uniform(0, refresh_s))  # noqa: S311 - spreads the writes, guards nothing
    started = time.monotonic()
    write()
    eventually(is_seen, LONGEST_S, POLL_S)
    return time.monotonic() - started


def writes_so_far(database_url: str) -> int:
    """Count every change of every product there is."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT sum(version) FROM products").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def changing_products(database_url: str) -> Iterator[None]:
    """Change products of the catalogue at an even rate meanwhile, as the order service would: raised and marked."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(CHANGE_A_PRODUCT)
        script.flush()
        paced = ("-n", "-c", "4", "-R", str(WRITES_A_SECOND), "-T", "600", "-f", script.name)
        command = [str(pgbench()), *paced, database_url]
        writer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603 - our own list
        try:
            yield
            if writer.poll() is not None:
                raise RuntimeError(f"pgbench ended: {writer.stderr and writer.stderr.read().decode()}")
        finally:
            writer.terminate()
            writer.communicate()
