"""`aisle jobs` as real processes: one leads, another takes over from a killed one, both stop in order."""

import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from tests.factories.processes import AisleProcess, eventually, free_port

pytestmark = pytest.mark.servers

DUE_SOON = """
WITH store AS (INSERT INTO stores (code, name) VALUES ('due-soon', 'Due soon') RETURNING id
), category AS (INSERT INTO categories (name, slug, path_ids, path_names, path_slugs)
    VALUES ('Due soon', 'due-soon', '{0}', '{Due soon}', '{due-soon}') RETURNING id
), product AS (INSERT INTO products (sku, title, category_id, price_minor)
    SELECT 'due-soon', 'Thing', id, 1 FROM category RETURNING id
), level AS (INSERT INTO stock_levels (store_id, product_id, on_hand, received, reserved)
    SELECT store.id, product.id, 200, 200, 200 FROM store, product RETURNING store_id, product_id
), ledger AS (INSERT INTO stock_movements (store_id, product_id, kind, quantity, actor)
    SELECT store_id, product_id, 'received', 200, 'test' FROM level
), cart AS (INSERT INTO carts (session_digest) SELECT sha256(n::text::bytea) FROM generate_series(1, 200) n RETURNING id
), item AS (INSERT INTO cart_items (cart_id, product_id, quantity, seen_price_minor)
    SELECT cart.id, product.id, 1, 1 FROM cart, product RETURNING id, cart_id)
INSERT INTO reservations (item_id, cart_id, store_id, product_id, quantity, expires_at)
SELECT item.id, cart_id, store_id, product_id, 1, now() + random() * interval '3 s' FROM item, level
"""
"""Two hundred carts whose reservations end one after the other within three seconds."""

LEFT = """
SELECT (SELECT count(*) FROM reservations r JOIN products p ON p.id = r.product_id WHERE p.sku = 'due-soon'),
       (SELECT CAST(sum(reserved) AS bigint) FROM stock_levels l JOIN products p ON p.id = l.product_id
        WHERE p.sku = 'due-soon')
"""


@pytest.fixture
def pair(environment: Mapping[str, str], tmp_path: Path) -> Iterator[tuple[AisleProcess, AisleProcess]]:
    """Two processes of one installation, each with a port for its metrics."""
    (tmp_path / "second").mkdir()
    made = (
        AisleProcess({**environment, "JOBS_METRICS_PORT": str(free_port())}, tmp_path, "jobs"),
        AisleProcess({**environment, "JOBS_METRICS_PORT": str(free_port())}, tmp_path / "second", "jobs"),
    )
    yield made
    for each in made:
        each.kill()


def said(process: AisleProcess, words: str) -> bool:
    return words in process.log.read_text(encoding="utf-8")


def metrics(process: AisleProcess) -> str:
    url = f"http://127.0.0.1:{process._environment['JOBS_METRICS_PORT']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read(), "utf-8")


def test_another_process_takes_over_from_one_that_was_killed(pair: tuple[AisleProcess, AisleProcess]) -> None:
    first, second = pair
    first.start()
    eventually(lambda: said(first, "jobs_leading"), 30)
    second.start()
    eventually(lambda: said(second, "jobs_standing_by"), 30)
    assert "aisle_jobs_leading 1.0" in metrics(first)
    assert "aisle_jobs_leading 0.0" in metrics(second)
    first.kill()
    eventually(lambda: said(second, "jobs_leading"), 5)
    eventually(lambda: 'aisle_job_runs_total{job="prune-expired",outcome="done"} 1.0' in metrics(second), 10)
    assert second.stop() == 0
    assert said(second, "process_stopped")


def test_reservations_are_given_back_within_two_seconds_of_their_time(
    pair: tuple[AisleProcess, AisleProcess], environment: Mapping[str, str]
) -> None:
    jobs, _ = pair
    jobs.start()
    eventually(lambda: said(jobs, "jobs_leading"), 30)
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(DUE_SOON)
        eventually(lambda: connection.execute(LEFT).fetchone() == (0, 0), 15)
    lags = dict(line.rsplit(" ", 1) for line in metrics(jobs).splitlines() if "expiry_lag" in line)
    assert lags['aisle_reservation_expiry_lag_seconds_bucket{le="2.0"}'] == "200.0"
    assert lags["aisle_reservation_expiry_lag_seconds_count"] == "200.0"


def test_a_wrong_setting_is_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    process = AisleProcess({**environment, "JOBS_PRUNE_MINUTES": "never"}, tmp_path, "jobs")
    process.start()
    eventually(lambda: not process.is_running(), 30)
    assert process.stop() == 2
    assert said(process, "JOBS_PRUNE_MINUTES: expected minutes")
