"""Kill −9 the API while orders arrive: buyers ask again with their keys, and get one order a key, none lost."""

import os
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import open_database
from schemas.ids import ProductId, StoreId
from schemas.settings import DatabaseSettings
from tests.factories.catalogue import a_product, a_store
from tests.factories.environments import fresh_environment
from tests.factories.http_client import Answer, HttpClient
from tests.factories.ledger import rows
from tests.factories.processes import AisleProcess, eventually, free_port

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.full, pytest.mark.timeout(900)]

KILLS = 40 if os.environ.get("AISLE_FULL") else 3
BUYERS = 16
ORDERS_BETWEEN_KILLS = 60
LINES = 3
RETRY_S = 0.05
UNLIMITED = {f"RATE_{scope}": "100000/min" for scope in ("ANON", "USER", "ORDERS")}

ORDERS = "SELECT CAST(o.id AS text), o.status FROM orders o"
KEYS = "SELECT key, outcome->'order'->>'id' FROM idempotency_keys"


class Shelf(NamedTuple):
    """What the buyers buy."""

    store_id: StoreId
    products: list[ProductId]


class Buyers:
    """Order one thing after another in threads; each asks again with the same key until there is an answer."""

    def __init__(self, client: HttpClient, shelf: Shelf) -> None:
        self._client = client
        self._shelf = shelf
        self._stopped = threading.Event()
        self._numbers = count()
        self.acknowledged: dict[str, tuple[int, Any]] = {}
        self.cut_off = 0

    def buy_until_stopped(self) -> None:
        while not self._stopped.is_set():
            key = uuid.uuid4().hex
            self.acknowledged[key] = self._buy(key, next(self._numbers))

    def stop(self) -> None:
        self._stopped.set()

    def ask(self, key: str, number: int) -> Answer:
        first = number % len(self._shelf.products)
        turned = self._shelf.products[first:] + self._shelf.products[:first]
        items = [{"product_id": product, "quantity": 1} for product in turned[:LINES]]
        body = {"store_id": self._shelf.store_id, "email": f"{key}@example.com", "items": items}
        return self._client.call("POST", "/api/v1/orders", body, {"Idempotency-Key": key})

    def _buy(self, key: str, number: int) -> tuple[int, Any]:
        while True:
            try:
                answer = self.ask(key, number)
            except (OSError, HTTPException):
                self.cut_off += 1
            else:
                if answer.status not in {409, 503}:  # under way in the killed process, or not ready yet
                    return number, (answer.status, answer.json["id"] if answer.status == 201 else answer.body)
            threading.Event().wait(RETRY_S)


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """A database of its own; the servers stay up."""
    with fresh_environment() as given:
        yield {**given, **UNLIMITED}


async def stocked(url: str) -> Shelf:
    database = open_database(DatabaseSettings(url=url))
    store = await a_store(database)
    products = [(await a_product(database, {store.id: 1_000_000})).id for _ in range(6)]
    await database.close()
    return Shelf(store.id, products)


def run_and_kill(api: AisleProcess, client: HttpClient, buyers: Buyers) -> None:
    """Let them buy, and kill the API again and again; returns when everybody has an answer."""
    with ThreadPoolExecutor(BUYERS) as pool:
        running = [pool.submit(buyers.buy_until_stopped) for _ in range(BUYERS)]
        try:
            for _ in range(KILLS):
                before = len(buyers.acknowledged)
                eventually(lambda so_far=before: len(buyers.acknowledged) >= so_far + ORDERS_BETWEEN_KILLS, 60)  # type: ignore[misc]
                api.kill()
                api.start()
        finally:
            buyers.stop()
            eventually(lambda: is_up(client), 60)
    for each in running:
        each.result()


def is_up(client: HttpClient) -> bool:
    try:
        return client.call("GET", "/health").status == 200
    except OSError:
        return False


async def test_one_order_a_key_and_none_lost_however_often_the_api_is_killed(
    variables: dict[str, str], tmp_path: Path
) -> None:
    shelf = await stocked(variables["DATABASE_URL"])
    port = free_port()
    client = HttpClient(f"http://127.0.0.1:{port}")
    api = AisleProcess(variables, tmp_path, "serve", "--port", str(port))
    buyers = Buyers(client, shelf)
    api.start()
    try:
        eventually(lambda: is_up(client), 60)
        run_and_kill(api, client, buyers)
        asked_again = {key: buyers.ask(key, number) for key, (number, _) in list(buyers.acknowledged.items())[-50:]}
    finally:
        api.stop()
    told = {key: answer for key, (_, answer) in buyers.acknowledged.items()}
    assert {status for status, _ in told.values()} == {201}
    assert buyers.cut_off > 0
    assert {key: (each.status, each.json["id"]) for key, each in asked_again.items()} == {
        key: told[key] for key in asked_again
    }
    database = open_database(DatabaseSettings(url=variables["DATABASE_URL"]), statement_timeout_ms=0)
    try:
        found = dict(await rows(database, ORDERS))
        assert found == {order: "CONFIRMED" for _, order in told.values()}
        assert dict(await rows(database, KEYS)) == {key: order for key, (_, order) in told.items()}
        assert len(found) == len(told)
        assert await verify_tables(database) == []
    finally:
        await database.close()
