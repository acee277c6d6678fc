"""Kill −9 everything but Postgres and the API in turn while orders arrive: nothing that was answered 201 is lost."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from devstack.stack import Stack
from messaging.messages import IncomingMessage
from messaging.replay import end_offsets, replay
from schemas.environment import load
from schemas.events.envelope import Envelope
from schemas.events.topics import ORDER
from schemas.settings import KafkaSettings
from tests.factories.http_client import HttpClient
from tests.factories.processes import eventually, run_aisle
from tests.factories.running_shop import RunningShop
from tests.faults.traffic import Traffic

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

SERVERS = ("elasticsearch", "kafka", "valkey")
PROCESSES = ("relay", "index", "notifications")
ORDERS_DURING_EACH_OUTAGE = 5
PRODUCTS = 2000 if os.environ.get("AISLE_FULL") else 700


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that only this test may kill."""
    with Stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture
def shop(stack: Stack, tmp_path: Path) -> Iterator[RunningShop]:
    """A shop of its own on these servers."""
    secret = "only-for-tests-" + "x" * 32
    running = RunningShop({**stack.environment(), "AISLE_SECRET_KEY": secret, "AISLE_ENV": "development"}, tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def order_sequences(stack: Stack) -> dict[str, list[int]]:
    """Read the whole order topic: for each order the sequences of its events, repeats left out."""
    settings = load(KafkaSettings, stack.environment())
    seen: dict[str, list[int]] = defaultdict(list)

    async def note(messages: Any) -> None:
        for message in messages:
            _note(message)

    def _note(message: IncomingMessage) -> None:
        envelope = Envelope.from_headers(message.headers)
        if envelope.sequence not in seen[envelope.subject]:
            seen[envelope.subject].append(envelope.sequence)

    async def read() -> None:
        ends = await end_offsets(settings, ORDER.name)
        await replay(settings, ORDER.name, from_offsets=dict.fromkeys(ends, 0), until=ends, handle=note)

    asyncio.run(read())
    return seen


def test_nothing_is_lost_whatever_dies(stack: Stack, shop: RunningShop) -> None:
    category, store = shop.new_category(), shop.new_store()
    products = [shop.new_product(category["id"], {}, stock=1) for _ in range(PRODUCTS)]
    in_stock = {"category": category["slug"], "store_id": store, "in_stock": "true", "page_size": 1}

    def left() -> int:
        return int(shop.anyone.get("/api/v1/search/products", **in_stock)["count"])

    eventually(lambda: left() == PRODUCTS, 60)
    with Traffic(shop, products, store) as traffic:
        for kill, start in _victims(stack, shop):
            before = len(traffic.confirmed)
            kill()
            eventually(lambda so_far=before: len(traffic.confirmed) >= so_far + ORDERS_DURING_EACH_OUTAGE, 60)  # type: ignore[misc]
            start()
            eventually(shop.is_ready, 90)
    assert traffic.failures == []
    mailbox = HttpClient(stack.environment()["MAILBOX_URL"])
    eventually(lambda: set(traffic.confirmed.values()) <= _recipients(mailbox), 120, pause=1)
    eventually(lambda: left() == PRODUCTS - len(traffic.sold), 60)
    sequences = order_sequences(stack)
    assert [order for order in traffic.confirmed if sequences.get(order) != [1]] == []
    with psycopg.connect(stack.environment()["DATABASE_URL"]) as connection:
        unpublished = connection.execute("SELECT count(*) FROM outbox WHERE published_position IS NULL").fetchone()
        assert unpublished == (0,)
    assert run_aisle(shop.environment, "verify") == "every invariant holds\n"


def _victims(stack: Stack, shop: RunningShop) -> Iterator[tuple[Callable[[], Any], Callable[[], Any]]]:
    for name in PROCESSES:
        yield shop.processes[name].kill, shop.processes[name].start
    for name in SERVERS:
        yield stack[name].kill, stack[name].start


def _recipients(mailbox: HttpClient) -> set[str]:
    return {address for mail in mailbox.get("/messages") for address in mail["to"]}
