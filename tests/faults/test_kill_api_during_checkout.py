"""Kill −9 the API while carts are checked out: whoever repeats with their key gets one order, and the books agree."""

import asyncio
import concurrent.futures
import http.client
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import open_database
from schemas.settings import DatabaseSettings
from tests.factories.environments import fresh_environment
from tests.factories.http_client import Answer, HttpClient
from tests.factories.processes import AisleProcess, eventually, free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.full]

CART = "/api/v1/cart/guest"
GUESTS, KILLS = (96, 6) if os.environ.get("AISLE_FULL") else (20, 1)
SCOPES = ("ANON", "CART", "CART_WRITE")

SHELF = """
WITH store AS (INSERT INTO stores (code, name) VALUES ('s', 'Store') RETURNING id
), category AS (INSERT INTO categories (name, slug, path_ids, path_names, path_slugs)
    VALUES ('C', 'c', '{1}', '{C}', '{c}') RETURNING id
), product AS (INSERT INTO products (sku, title, category_id, price_minor)
    SELECT 'p' || n, 'Thing', id, 100 FROM category, generate_series(1, 3) n RETURNING id
), level AS (INSERT INTO stock_levels (store_id, product_id, on_hand, received)
    SELECT store.id, product.id, 10000, 10000 FROM store, product)
INSERT INTO stock_movements (store_id, product_id, kind, quantity, actor)
SELECT store.id, product.id, 'received', 10000, 'test' FROM store, product
"""
ORDERS = "SELECT count(*), count(DISTINCT cart_id) FROM orders"


class Api:
    """One API process on a database of its own, and a client that does not give up."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        port = free_port()
        limits = {f"RATE_{scope}": "1000000/min" for scope in SCOPES}
        self.database_url = environment["DATABASE_URL"]
        self.process = AisleProcess(
            {**environment, **limits, "METRICS_PORT": "0"}, folder, "serve", "--port", str(port)
        )
        self.client = HttpClient(f"http://127.0.0.1:{port}")

    def answers(self) -> bool:
        try:
            return self.client.call("GET", "/health").status == 200
        except OSError:
            return False

    def insist(self, path: str, body: object, headers: dict[str, str]) -> Answer:
        """Repeat until there is a verdict."""

        def ask() -> Answer | None:
            try:
                answer = self.client.call("POST", path, body, headers)
            except (OSError, http.client.HTTPException):
                return None
            return None if answer.status == 503 or "/idempotency-in-progress" in str(answer.body) else answer

        verdict = eventually(ask, 60, pause=0.05)
        assert verdict is not None
        return verdict


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with fresh_environment() as environment:
        made = Api(dict(environment), tmp_path)
        with psycopg.connect(made.database_url, autocommit=True) as connection:
            connection.execute(SHELF)
        made.process.start()
        eventually(made.answers, 30)
        yield made
        made.process.kill()


def shop_once(api: Api, product: int) -> tuple[str, str]:
    """Fill a cart, check it out, and ask for the same checkout again; gives both orders."""
    session = {"X-Session-Id": str(uuid.uuid4())}
    filled = api.insist(f"{CART}/items", {"product_id": product, "quantity": 2}, session)
    assert filled.status == 201, filled.body
    keyed = {**session, "Idempotency-Key": uuid.uuid4().hex}
    sold, again = [api.insist(f"{CART}/checkout", {}, keyed) for _ in range(2)]
    assert (sold.status, again.status) == (201, 201), (sold.body, again.body)
    return sold.json["id"], again.json["id"]


def kill_and_start(api: Api, is_due: Callable[[], bool]) -> None:
    eventually(is_due, 60)
    api.process.kill()
    api.process.start()


def test_every_checkout_is_one_order_however_often_the_api_dies(api: Api) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        shopping = [pool.submit(shop_once, api, 1 + guest % 3) for guest in range(GUESTS)]
        for kill in range(1, KILLS + 1):
            share = kill * GUESTS // (KILLS + 1)
            kill_and_start(api, lambda share=share: sum(each.done() for each in shopping) >= share)  # type: ignore[misc]
        orders = [each.result(120) for each in shopping]
    assert all(first == again for first, again in orders)
    assert len({first for first, _ in orders}) == GUESTS
    with psycopg.connect(api.database_url) as connection:
        assert connection.execute(ORDERS).fetchone() == (GUESTS, GUESTS)
        assert connection.execute("SELECT count(*) FROM reservations").fetchone() == (0,)
    assert asyncio.run(broken(api.database_url)) == []


async def broken(database_url: str) -> list[object]:
    """Give what breaks an invariant."""
    database = open_database(DatabaseSettings(url=database_url))
    try:
        return list(await verify_tables(database))
    finally:
        await database.close()
