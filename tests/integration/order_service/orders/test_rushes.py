"""Many buyers in several processes at once, on a database of their own: exact stock, and no deadlock in sight."""

import os
from collections import Counter

import pytest

from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import Database
from schemas.ids import ProductId
from tests.factories.catalogue import a_category, a_product, a_store
from tests.factories.crowds import Crowd, in_processes, order_all
from tests.factories.ledger import rows

pytestmark = [pytest.mark.servers, pytest.mark.full]

FULL = bool(os.environ.get("AISLE_FULL"))
PROCESSES = 2
BUYERS, UNITS = (10_000, 1_000) if FULL else (1_000, 100)
CROSSED_ORDERS = 100_000 if FULL else 3_000
PRODUCTS, LINES = 20, 4

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
SOLD = "SELECT CAST(sum(sold) AS bigint), CAST(sum(on_hand) AS bigint) FROM stock_levels WHERE store_id = :s"


async def rush(  # noqa: PLR0913 - how many of what, where
    url: str, database: Database, orders: int, units: int, *, products: int, lines: int
) -> Counter[str]:
    """Put so many units of so many products on a new store's shelves, and have the orders placed; give the answers."""
    store, category = await a_store(database), await a_category(database)
    stocked = [await a_product(database, {store.id: units}, category=category.id) for _ in range(products)]
    ids: tuple[ProductId, ...] = tuple(product.id for product in stocked)
    crowds = [Crowd(url, store.id, ids, orders // PROCESSES, lines, seed) for seed in range(PROCESSES)]
    answers: Counter[str] = sum(await in_processes(order_all, crowds), Counter())
    sold = answers["CONFIRMED"] * lines
    assert await rows(database, SOLD, s=store.id) == [(sold, units * products - sold)]
    return answers


def answered(answers: Counter[str]) -> dict[str, int]:
    """Give the answers that are not a request to come back."""
    return {answer: count for answer, count in answers.items() if answer != "come back"}


@pytest.mark.timeout(900)
async def test_buyers_of_few_units_in_two_processes_get_exactly_those(own_url: str, own_database: Database) -> None:
    answers = await rush(own_url, own_database, BUYERS, UNITS, products=1, lines=1)
    assert answered(answers) == {"CONFIRMED": UNITS, "REJECTED": BUYERS - UNITS}
    assert await verify_tables(own_database) == []


@pytest.mark.timeout(1800)
async def test_no_deadlock_reaches_a_client_of_crossed_orders(own_url: str, own_database: Database) -> None:
    before = await rows(own_database, DEADLOCKS)
    answers = await rush(own_url, own_database, CROSSED_ORDERS, CROSSED_ORDERS, products=PRODUCTS, lines=LINES)
    assert answered(answers) == {"CONFIRMED": CROSSED_ORDERS}
    assert await rows(own_database, DEADLOCKS) == before
    assert await verify_tables(own_database) == []
