"""Works out how popular each product is from sales and clicks, and marks those whose level changed; one of the jobs.

A level is ten times the binary logarithm of the evidence, cut to tens: 0 for nothing, 10 for one weight of evidence,
100 for a thousand. Evidence fades to half in HALF_LIFE_DAYS, so what is popular is so of late. Levels are few, and one
is left only when the evidence is well past its bound, so that a run changes few products and none back and forth.
docs/decisions/0015-popularity.md has the reasons and the measured effect.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text

from order_service.catalog.mark_changed import mark_changed
from order_service.database.engine import Database, translated_errors
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId

WINDOW_DAYS = 180
HALF_LIFE_DAYS = 30.0
SALE_WEIGHT = 5.0
"""Of one buyer's purchase on one day, however many units; one searcher's click on one day weighs 1."""

BATCH = 500

CHANGED_LEVELS = text("""
WITH bought AS (
    SELECT DISTINCT n.product_id, date_trunc('day', o.created_at) AS day,
           coalesce('user:' || o.user_id, 'mail:' || lower(o.email), 'order:' || o.id) AS buyer
    FROM orders o JOIN order_lines n ON n.order_id = o.id
    WHERE o.created_at > now() - make_interval(days => :window_days)
      AND o.status IN ('CONFIRMED', 'PAID', 'SHIPPED', 'DELIVERED')
), sold AS (
    SELECT product_id, sum(power(0.5, extract(epoch FROM now() - day) / 86400 / :half_life_days)) AS weight
    FROM bought GROUP BY product_id
), clicked AS (
    SELECT * FROM unnest(CAST(:clicked AS bigint[]), CAST(:clicks AS double precision[])) AS c (product_id, weight)
), evidence AS (
    SELECT p.id, p.popularity,
           10 * log(2.0, CAST(1 + :sale_weight * coalesce(s.weight, 0) + coalesce(c.weight, 0) AS numeric)) AS exact
    FROM products p LEFT JOIN sold s ON s.product_id = p.id LEFT JOIN clicked c ON c.product_id = p.id
    WHERE p.deleted_at IS NULL AND (p.popularity > 0 OR s.product_id IS NOT NULL OR c.product_id IS NOT NULL)
), levels AS (
    SELECT id, popularity,
           CASE WHEN exact >= popularity + 12.5 OR exact < popularity - 2.5
                THEN least(100, 10 * floor(exact / 10)) ELSE popularity END AS level
    FROM evidence
)
SELECT id, CAST(level AS integer) AS level FROM levels WHERE level <> popularity ORDER BY id
""")

WRITE = text("""
UPDATE products SET popularity = new.level
FROM unnest(CAST(:ids AS bigint[]), CAST(:levels AS integer[])) AS new (id, level)
WHERE products.id = new.id
""")


class Level(NamedTuple):
    """A product's new popularity, 0 to 100 in tens."""

    product_id: ProductId
    popularity: int


async def update_popularity(database: Database, clicks: Mapping[int, float]) -> int:
    """Give every product its level and say how many changed; `clicks` weighs each product's clicks, already faded.

    Reads the orders of half a year. Commits BATCH products at a time, each with a mark for the relay, so that a run
    that is cut off has done a part, and the next one does the rest. Raises Unavailable.
    """
    changed = await changed_levels(database, clicks)
    for batch in _batches(changed):
        await _write(database, batch)
    return len(changed)


async def changed_levels(database: Database, clicks: Mapping[int, float]) -> list[Level]:
    """Work out whose level changed, by ascending id; writes nothing. Raises Unavailable."""
    asked = {
        "clicked": list(clicks),
        "clicks": list(clicks.values()),
        "window_days": WINDOW_DAYS,
        "half_life_days": HALF_LIFE_DAYS,
        "sale_weight": SALE_WEIGHT,
    }
    async with translated_errors(), database.reads.connect() as connection:
        return [Level(*row) for row in await connection.execute(CHANGED_LEVELS, asked)]


def _batches(changed: Sequence[Level]) -> list[Sequence[Level]]:
    return [changed[start : start + BATCH] for start in range(0, len(changed), BATCH)]


async def _write(database: Database, levels: Sequence[Level]) -> None:
    ids = [level.product_id for level in levels]

    async def write(unit: UnitOfWork) -> None:
        await mark_changed(unit.connection, ids, None)
        await unit.connection.execute(WRITE, {"ids": ids, "levels": [level.popularity for level in levels]})

    await in_unit_of_work(database, write)
