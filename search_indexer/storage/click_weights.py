"""How much the clicks on each product's hits weigh, for its popularity; read by the jobs."""

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

CLICK_WEIGHTS = text("""
SELECT product_id, sum(power(0.5, extract(epoch FROM now() - day) / 86400 / :half_life_days)) AS weight
FROM (
    SELECT DISTINCT c.product_id, date_trunc('day', c.clicked_at) AS day, s.searcher
    FROM search_clicks c JOIN search_log s USING (query_id)
    WHERE c.clicked_at > now() - make_interval(days => :days) AND c.clicked_at <= now()
) AS heads
GROUP BY product_id
""")


async def read_click_weights(database: Database, days: int, half_life_days: float) -> dict[int, float]:
    """Weigh each product's clicks: 1 a searcher and day, half of that after `half_life_days`. Raises Unavailable.

    A click counts with the search that showed the hit, so an invented one counts nothing; searchers that the log does
    not know count as one.
    """
    async with translated_errors(), database.reads.connect() as connection:
        rows = await connection.execute(CLICK_WEIGHTS, {"days": days, "half_life_days": half_life_days})
        return {row.product_id: float(row.weight) for row in rows}
