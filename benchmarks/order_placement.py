"""Order placement beside pgbench placing the same orders one at a time, on the same server in the same run.

The reference is what a plain implementation does, at the speed of a C client: lock the stock rows, update them, insert
order, lines, ledger, history, outbox and idempotency key with one statement each, commit.
"""

import asyncio
import os
import random
import re
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import uvloop

from benchmarks.pgbench import pgbench
from benchmarks.rows import Goal, Row
from order_service.database.engine import open_database
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import ProductId, StoreId
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings
from tests.factories.fresh_database import fresh_database

NAME = "order placement"

PRODUCTS = 10_000
ON_HAND = 1_000_000_000
CLIENTS = 64
CALLERS = 256
SECONDS = 5
STORE = StoreId(1)
SHOP = ShopSettings()

CATALOGUE = """
INSERT INTO categories (name, slug, path_ids, path_names, path_slugs)
    VALUES ('All', 'all', '{1}', '{All}', '{all}');
INSERT INTO stores (code, name) VALUES ('S1', 'Store');
INSERT INTO products (sku, title, category_id, price_minor)
    SELECT 'SKU-' || n, 'Product ' || n, 1, 100 + n FROM generate_series(1, %(products)s) n;
INSERT INTO stock_levels (store_id, product_id, on_hand, received)
    SELECT 1, n, %(on_hand)s, %(on_hand)s FROM generate_series(1, %(products)s) n
"""

ONE_AT_A_TIME = """
BEGIN;
INSERT INTO idempotency_keys (scope, key, fingerprint, expires_at)
    VALUES ('bench', CAST(uuidv7() AS text), '\\x00', now() + interval '1 day');
{lock}
{updates}
INSERT INTO orders (id, number, store_id, status, currency, total_minor)
    VALUES (uuidv7(), 'B' || nextval('order_numbers'), 1, 'CONFIRMED', 'USD', 200) RETURNING id AS order_id \\gset
{lines}
{ledger}
INSERT INTO order_history (order_id, to_status, actor) VALUES (CAST(:order_id AS uuid), 'CONFIRMED', 'guest');
INSERT INTO outbox (aggregatetype, aggregateid, type, payload, sequence, shard)
    VALUES ('order', :order_id, 'aisle.order.confirmed.v1', '{{"status": "CONFIRMED", "lines": []}}', 1, 0);
COMMIT;
"""
LOCK = """SELECT on_hand - reserved AS free FROM stock_levels
    WHERE store_id = 1 AND product_id = :{0} FOR NO KEY UPDATE;"""
UPDATE = "UPDATE stock_levels SET on_hand = on_hand - 1, sold = sold + 1 WHERE store_id = 1 AND product_id = :{0};"
LINE = """INSERT INTO order_lines
    (order_id, line_number, product_id, store_id, sku, product_title, quantity, unit_price_minor, line_total_minor)
    SELECT CAST(:order_id AS uuid), {1}, id, 1, sku, title, 1, price_minor, price_minor
    FROM products WHERE id = :{0};"""
LEDGER = """INSERT INTO stock_movements (store_id, product_id, kind, quantity, order_id, actor)
    VALUES (1, :{0}, 'sold', -1, CAST(:order_id AS uuid), 'guest');"""
TPS = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What the orders name: `draws` sets pgbench's variables, `products` draws the same for Python."""

    key: str
    name: str
    draws: str
    variables: tuple[str, ...]
    products: Callable[[], tuple[int, ...]]
    wanted_ratio: float


def _two_of_many() -> tuple[int, ...]:
    half = PRODUCTS // 2
    return random.randint(1, half), random.randint(half + 1, PRODUCTS)  # noqa: S311 - load, not a secret


LOADS = (
    Load(
        "spread",
        f"two lines of {PRODUCTS:,} products",
        f"\\set a random(1, {PRODUCTS // 2})\n\\set b random({PRODUCTS // 2 + 1}, {PRODUCTS})\n",
        ("a", "b"),
        _two_of_many,
        2.5,
    ),
    Load("hot", "one hot product", "\\set a 1\n", ("a",), lambda: (1,), 10.0),
)


def run() -> list[Row]:
    """Measure both loads on a fresh database of the server at DATABASE_URL; takes about half a minute."""
    with stocked_database(os.environ["DATABASE_URL"]) as url:
        return [row for load in LOADS for row in _rows(url, load)]


def _rows(url: str, load: Load) -> list[Row]:
    reference = one_at_a_time(url, load)
    name = f"pgbench, one at a time, {CLIENTS} clients"
    placed = uvloop.run(_placed_per_second(url, load))
    claim = f"{load.name}: order engine, {CALLERS} callers"
    return [Row(claim, placed, reference, name, "orders/s", Goal(load.wanted_ratio))]


@contextmanager
def stocked_database(server: str) -> Iterator[str]:
    """Give the URL of a database with products and stock, and drop it in the end."""
    with fresh_database(server) as url:
        fill(url)
        yield url


def fill(url: str) -> None:
    """Put products and stock into an empty database."""
    with psycopg.connect(url, autocommit=True) as connection:
        sizes = {"products": PRODUCTS, "on_hand": ON_HAND}
        for statement in CATALOGUE.split(";"):
            connection.execute(statement.encode(), sizes)
        connection.execute("VACUUM ANALYZE")


def one_at_a_time(url: str, load: Load) -> float:
    """Run pgbench for SECONDS and return its whole orders per second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(load.draws + reference_script(load.variables))
        script.flush()
        threads = str(min(CLIENTS, os.cpu_count() or 1))
        sized = ("-c", str(CLIENTS), "-j", threads, "-T", str(SECONDS))
        command = [str(pgbench()), "-n", "-M", "prepared", *sized, "-f", script.name, url]
        outcome = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own list
    match = TPS.search(outcome.stdout)
    if not match:
        raise RuntimeError(f"pgbench gave no figure: {outcome.stderr}")
    return float(match[1])


def reference_script(variables: tuple[str, ...]) -> str:
    """Write the transaction of an order with a line for each variable, the locks in ascending order."""

    def each(statement: str) -> str:
        return "\n".join(statement.format(name, number) for number, name in enumerate(variables, 1))

    return ONE_AT_A_TIME.format(lock=each(LOCK), updates=each(UPDATE), lines=each(LINE), ledger=each(LEDGER))


async def _placed_per_second(url: str, load: Load) -> float:
    """Place orders as the API does, one a call, from many callers at once; whole orders per second."""
    database = open_database(DatabaseSettings(url=url), application="aisle-bench")
    placements = OrderPlacements(database, SHOP)
    placed = 0
    started = time.monotonic()

    async def caller() -> None:
        nonlocal placed
        while time.monotonic() < started + SECONDS:
            outcome = await placements.place(an_order(load))
            placed += outcome.order.status == "CONFIRMED"

    try:
        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        return placed / (time.monotonic() - started)
    finally:
        await placements.close()
        await database.close()


def an_order(load: Load) -> PlacementRequest:
    """Make one guest's order of one piece of each product drawn, under a key of its own."""
    lines = tuple(LineRequest(ProductId(product), 1) for product in load.products())
    key = IdempotencyKey("bench", uuid.uuid4().hex, b"\0" * 32)
    return PlacementRequest(lines, store_id=STORE, idempotency=key)
