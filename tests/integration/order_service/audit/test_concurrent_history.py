"""Many clients of two processes at once: what each was answered is true of the database, and no REJECTED was in vain.

A trigger on stock_levels, in this test's own database, writes down every value that a level ever had and when. It is
told under the row's lock, where every verdict on stock is made.
"""

import os
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest
from sqlalchemy import text

from order_service.audit.verify_tables import verify_tables
from order_service.carts.expire_reservations import expire_reservations
from order_service.database.engine import Database
from order_service.errors import ShortLine
from schemas.ids import ProductId
from tests.factories.busy_clients import Answer, Busy, be_busy
from tests.factories.catalogue import a_category, a_product, a_store
from tests.factories.crowds import in_processes
from tests.factories.ledger import rows

pytestmark = [pytest.mark.servers, pytest.mark.full]

CLIENTS, PRODUCTS, SECONDS = (200, 20, 60.0) if os.environ.get("AISLE_FULL") else (20, 4, 5.0)
PROCESSES = 2
UNITS = 30

WATCH = (
    """
    CREATE TABLE level_history (
        id bigint GENERATED ALWAYS AS IDENTITY, product_id bigint, available bigint, since double precision
    )
    """,
    """
    INSERT INTO level_history (product_id, available, since)
    SELECT product_id, on_hand - reserved, 0 FROM stock_levels
    """,
    """
    CREATE FUNCTION note_level() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO level_history (product_id, available, since)
        VALUES (NEW.product_id, NEW.on_hand - NEW.reserved, extract(epoch FROM clock_timestamp()));
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER note_level AFTER UPDATE ON stock_levels FOR EACH ROW EXECUTE FUNCTION note_level()",
)
LEVELS = "SELECT product_id, available, since FROM level_history ORDER BY id"
STATES = "SELECT CAST(order_id AS text), array_agg(to_status) FROM order_history GROUP BY order_id"
MONEY_ROWS = "SELECT CAST(id AS text) FROM payments UNION ALL SELECT CAST(id AS text) FROM refunds"
KEYS = "SELECT key, outcome->'order'->>'id' FROM idempotency_keys WHERE outcome->>'type' = 'placed'"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class Availability:
    """What was available of each product at any time, from the oldest value on."""

    def __init__(self, values: Iterable[tuple[int, int, float]]) -> None:
        self._since: dict[int, list[float]] = defaultdict(list)
        self._available: dict[int, list[int]] = defaultdict(list)
        for product, available, since in values:
            self._since[product].append(since)
            self._available[product].append(available)

    def least(self, product: int, began: float, ended: float) -> int:
        """Give the least that there was at any instant of the time."""
        first = bisect_right(self._since[product], began) - 1
        last = bisect_right(self._since[product], ended)
        return min(self._available[product][max(0, first) : last])

    def was_short(self, answer: Answer) -> bool:
        """Whether some line that was told to be short was so at some instant while the request ran."""
        return any(self.least(each.product_id, answer.began, answer.ended) < each.requested for each in answer.short)


def test_a_request_that_was_told_short_though_there_was_enough_all_the_time_is_seen() -> None:
    stock = Availability([(1, 5, 0.0), (1, 1, 10.0), (1, 5, 20.0)])
    short = [ShortLine(1, 2, 1)]
    seen = {
        time: stock.was_short(Answer("order", *time, "REJECTED", short=short))
        for time in ((1, 2), (8, 9), (9, 11), (12, 13), (19, 21), (21, 22))
    }
    assert seen == {(1, 2): False, (8, 9): False, (9, 11): True, (12, 13): True, (19, 21): True, (21, 22): False}


@pytest.fixture
async def answers(own_url: str, own_database: Database) -> list[Answer]:
    """What all clients were answered."""
    store, category = await a_store(own_database), await a_category(own_database)
    stocked = [await a_product(own_database, {store.id: UNITS}, category=category.id) for _ in range(PRODUCTS)]
    ids: tuple[ProductId, ...] = tuple(product.id for product in stocked)
    async with own_database.writes.begin() as connection:
        for statement in WATCH:
            await connection.execute(text(statement))
    busy = [Busy(own_url, store.id, ids, CLIENTS // PROCESSES, SECONDS, seed) for seed in range(PROCESSES)]
    return [answer for some in await in_processes(be_busy, busy) for answer in some]


@pytest.mark.timeout(600)
async def test_every_answer_is_true_of_the_database(own_database: Database, answers: list[Answer]) -> None:
    said = Counter((answer.deed, answer.said) for answer in answers)
    assert {("order", "CONFIRMED"), ("order", "REJECTED"), ("checkout", "CONFIRMED")} <= set(said), said
    assert {("cancel", "CANCELLED"), ("pay", "ok"), ("pay back", "ok"), ("cart", "CartShort")} <= set(said), said
    states = {order: set(found) for order, found in await rows(own_database, STATES)}
    told = [answer for answer in answers if answer.order_id is not None]
    assert [answer for answer in told if answer.said not in states.get(answer.order_id or "", set())] == []
    assert set(states) == {answer.order_id for answer in told}  # and nothing happened that nobody was told of
    keys = dict(await rows(own_database, KEYS))
    placed = [answer for answer in told if answer.deed in {"order", "checkout"}]
    assert [answer for answer in placed if keys[answer.key] != answer.order_id] == []
    assert sum(not answer.replayed for answer in placed) == len(states)
    assert any(answer.replayed for answer in placed)
    made = {row for (row,) in await rows(own_database, MONEY_ROWS)}
    assert [answer for answer in answers if not set(answer.rows) <= made] == []
    stock = Availability(await rows(own_database, LEVELS))
    short = [answer for answer in answers if answer.short and not answer.replayed]
    assert [answer for answer in short if not stock.was_short(answer)] == []
    await expire_reservations(own_database)
    assert await verify_tables(own_database) == []
    assert await rows(own_database, DEADLOCKS) == [(0,)]
