"""Counts in Postgres what a search should have counted: its total, and every value of every facet under the others.

It shares nothing with the search but the rows: filters, facets and groups are written again in SQL. Which products a
text matches is not decided here; the ids are given, or None while browsing.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import text

from order_service.database.engine import Database
from search_indexer.query.requests import SearchRequest

Counts = dict[tuple[str, str], int]
"""The number of products, or of groups, for (facet, value)."""

TOTAL: Final = ("", "")

COUNTS: Final = text(
    """
    WITH given AS MATERIALIZED (
        SELECT CAST(:ids AS bigint[]) AS ids, CAST(:grouped AS boolean) AS grouped, CAST(:brands AS text[]) AS brands,
            CAST(:categories AS text[]) AS categories, CAST(:lowest AS bigint) AS lowest,
            CAST(:highest AS bigint) AS highest, CAST(:in_stock AS boolean) AS in_stock,
            CAST(:store_id AS bigint) AS store_id
    ), attribute AS MATERIALIZED (
        SELECT p.id, pair.key,
            CASE jsonb_typeof(one) WHEN 'number' THEN trim_scale(CAST(one #>> '{}' AS numeric))::text
                ELSE one #>> '{}' END AS value
        FROM products p, jsonb_each(p.attributes) AS pair, jsonb_array_elements(
            CASE jsonb_typeof(pair.value) WHEN 'array' THEN pair.value ELSE jsonb_build_array(pair.value) END
        ) AS one
    ), stocked AS MATERIALIZED (
        SELECT l.product_id, array_agg(l.store_id) AS stores
        FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
        WHERE l.on_hand > l.reserved GROUP BY l.product_id
    ), asked AS (
        SELECT wanted.key, jsonb_array_elements_text(wanted.value) AS value
        FROM jsonb_each(CAST(:attributes AS jsonb)) AS wanted
    ), passed AS MATERIALIZED (
        SELECT had.id, array_agg(had.key) AS keys FROM attribute had JOIN asked USING (key, value) GROUP BY had.id
    ), judged AS MATERIALIZED (
        SELECT p.id, p.brand, p.price_minor, c.path_slugs, coalesce(stocked.stores, '{}') AS stores,
            CASE WHEN grouped THEN coalesce('group ' || p.group_id, 'product ' || p.id) ELSE p.id::text END AS counted,
            brands = '{}' OR coalesce(p.brand = ANY (brands), false) AS brand_ok,
            categories = '{}' OR c.path_slugs && categories OR CAST(c.path_ids AS text[]) && categories AS category_ok,
            p.price_minor BETWEEN coalesce(lowest, 0) AND coalesce(highest, p.price_minor) AS price_ok,
            in_stock IS NULL OR in_stock = CASE WHEN store_id IS NULL THEN stocked.stores IS NOT NULL
                ELSE coalesce(store_id = ANY (stocked.stores), false) END AS stock_ok,
            ARRAY(SELECT key FROM asked EXCEPT SELECT unnest(passed.keys)) AS failed
        FROM given, products p JOIN categories c ON c.id = p.category_id
        LEFT JOIN stocked ON stocked.product_id = p.id LEFT JOIN passed ON passed.id = p.id
        WHERE p.deleted_at IS NULL AND (ids IS NULL OR p.id = ANY (ids))
    )
    SELECT '' AS facet, '' AS value, count(DISTINCT counted) AS found FROM judged
    WHERE brand_ok AND category_ok AND price_ok AND stock_ok AND failed = '{}'
    UNION ALL SELECT 'brand', brand, count(DISTINCT counted) FROM judged
    WHERE brand IS NOT NULL AND category_ok AND price_ok AND stock_ok AND failed = '{}' GROUP BY brand
    UNION ALL SELECT 'category', slug, count(DISTINCT counted) FROM judged, unnest(path_slugs) AS slug
    WHERE brand_ok AND price_ok AND stock_ok AND failed = '{}' GROUP BY slug
    UNION ALL SELECT 'price', concat(low, '-', high), count(DISTINCT counted)
    FROM judged, unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) AS bound (low, high)
    WHERE brand_ok AND category_ok AND stock_ok AND failed = '{}'
        AND price_minor BETWEEN coalesce(low, 0) AND coalesce(high, price_minor) GROUP BY low, high
    UNION ALL SELECT 'in_stock', CASE WHEN there THEN 'true' ELSE 'false' END, count(DISTINCT counted)
    FROM judged, given, LATERAL (
        SELECT CASE WHEN store_id IS NULL THEN stores <> '{}' ELSE store_id = ANY (stores) END AS there
    ) AS stock
    WHERE brand_ok AND category_ok AND price_ok AND failed = '{}' GROUP BY there
    UNION ALL SELECT 'store', store::text, count(DISTINCT counted) FROM judged, unnest(stores) AS store
    WHERE brand_ok AND category_ok AND price_ok AND failed = '{}' GROUP BY store
    UNION ALL SELECT 'attr.' || had.key, had.value, count(DISTINCT counted)
    FROM judged JOIN attribute had ON had.id = judged.id
    WHERE brand_ok AND category_ok AND price_ok AND stock_ok AND failed <@ ARRAY[had.key]
    GROUP BY had.key, had.value
    """
)


async def expected_counts(
    database: Database,
    request: SearchRequest,
    ids: Collection[int] | None,
    ranges: Sequence[tuple[int | None, int | None]],
) -> Counts:
    """Count for a request among the products with these ids; `ranges` are the price ranges to count.

    A (facet, value) that nothing was counted for is missing; the total stands under TOTAL.
    """
    values: dict[str, Any] = {
        "ids": None if ids is None else list(ids),
        "grouped": request.collapse,
        "brands": request.brand,
        "categories": request.category,
        "lowest": request.price_min_minor,
        "highest": request.price_max_minor,
        "in_stock": request.in_stock,
        "store_id": request.store_id,
        "attributes": msgspec.json.encode({key: each for key, each in request.attributes.items() if each}).decode(),
        "lows": [low for low, _ in ranges],
        "highs": [high for _, high in ranges],
    }
    async with database.reads.connect() as connection:
        rows = await connection.execute(COUNTS, values)
        return {(row.facet, row.value): row.found for row in rows}
