"""Finds products by their words in Postgres; called by the API while the search index cannot be asked.

Slower and simpler than the index: English stems in title, brand and the beginning of the description, no forgiveness
for spelling, no facets. It reads every product that the filters leave, so it is bounded in time.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import TextClause, text

from order_service.catalog.products import CONDITIONS, ORDERS, Ordering
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from schemas.ids import ProductId, StoreId

DESCRIPTION_READ = 300
"""Characters; reading whole descriptions takes several times as long and the first ones say what a thing is."""

CONDITION_NAMES = ("category", "brand", "price_min_minor", "price_max_minor", "in_stock")


class FullTextFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: all of the words (or any, with `any_word`), narrowed as ProductFilter narrows.

    `attributes` maps a key to its wanted values; `ordering` None is by relevance, without words by id. With `grouped`
    the first variant of each group stands for it.
    """

    q: str = ""
    any_word: bool = False
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool | None = None
    store_id: StoreId | None = None
    attributes: dict[str, list[str]] = {}
    ordering: Ordering | None = None
    grouped: bool = False


class FoundProduct(msgspec.Struct, frozen=True):
    """One product found, with the stores that have it in stock."""

    id: ProductId
    sku: str
    version: int
    title: str
    description: str
    brand: str | None
    category_name: str
    category_path: list[str]
    price_minor: int
    image_link: str | None
    in_stock_store_ids: list[int]
    group_id: str | None


WORDS: Final = f"""to_tsvector('english', p.title || ' ' || coalesce(p.brand, '') || ' ' || p.sku || ' '
    || left(p.description, {DESCRIPTION_READ}))"""
ALL_WORDS: Final = "plainto_tsquery('english', :q)"
ANY_WORD: Final = f"CAST(replace(CAST({ALL_WORDS} AS text), '&', '|') AS tsquery)"
IDENTIFIED: Final = "p.sku = :q OR p.gtin = :q OR p.mpn = :q"

ATTRIBUTES: Final = """NOT EXISTS (
        SELECT FROM jsonb_each(CAST(:attributes AS jsonb)) wanted WHERE NOT EXISTS (
            SELECT FROM jsonb_array_elements_text(
                CASE jsonb_typeof(p.attributes -> wanted.key) WHEN 'array' THEN p.attributes -> wanted.key
                    ELSE jsonb_build_array(p.attributes -> wanted.key) END
            ) AS had (value) WHERE jsonb_exists(wanted.value, had.value)
        )
    )"""
IN_STORES: Final = """ARRAY(
        SELECT l.store_id FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
        WHERE l.product_id = page.id AND l.on_hand > l.reserved ORDER BY l.store_id
    )"""


FIRSTS: Final = """
    SELECT * FROM (
        SELECT p.*, row_number() OVER (
            PARTITION BY p.group_id, CASE WHEN p.group_id IS NULL THEN p.id END {order}
        ) AS variant FROM ({matching}) p
    ) numbered WHERE variant = 1
"""
BY_RELEVANCE: Final = f"ORDER BY ({IDENTIFIED}) IS TRUE DESC, ts_rank({WORDS}, {{query}}) DESC, p.id"


async def find_products(
    database: Database, wanted: FullTextFilter, page: int, page_size: int
) -> tuple[list[FoundProduct], int]:
    """Give one page (from 1) and the count of all that match; raises Unavailable, also when it takes too long."""
    values = _values(wanted) | page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        rows = (await connection.execute(_statement(wanted, values), values)).all()
    found = [FoundProduct(*row[1:]) for row in rows if row.id is not None]
    return found, rows[0].products


def _values(wanted: FullTextFilter) -> dict[str, Any]:
    """Keep the filters that are set, in the form the statement takes."""
    given = {name: getattr(wanted, name) for name in CONDITION_NAMES}
    lists = {name: list(value) for name, value in given.items() if isinstance(value, tuple)}
    attributes = msgspec.json.encode(wanted.attributes).decode() if wanted.attributes else None
    values = {**given, **lists, "attributes": attributes, "q": wanted.q.strip()}
    return {name: value for name, value in values.items() if value not in (None, [], "")} | {
        "store_id": wanted.store_id
    }


def _statement(wanted: FullTextFilter, values: dict[str, Any]) -> TextClause:
    """Choose the page's ids first, so that stores are looked up for its rows only; the count is told in every row."""
    query = ANY_WORD if wanted.any_word else ALL_WORDS
    conditions = ["p.deleted_at IS NULL", *(CONDITIONS[name] for name in CONDITION_NAMES if name in values)]
    if "attributes" in values:
        conditions.append(ATTRIBUTES)
    order = ORDERS[wanted.ordering or "id"]
    if "q" in values:
        conditions.append(f"({IDENTIFIED} OR {WORDS} @@ {query})")
        order = ORDERS[wanted.ordering] if wanted.ordering else BY_RELEVANCE.format(query=query)
    where = " AND ".join(conditions)
    found = f"SELECT p.* FROM products p WHERE {where}"  # noqa: S608 - as below
    if wanted.grouped:
        found = FIRSTS.format(matching=found, order=order)
    return text(f"""
        WITH found AS MATERIALIZED ({found}),
        page AS (
            SELECT p.*, row_number() OVER ({order}) AS place FROM found p ORDER BY place LIMIT :limit OFFSET :offset
        )
        SELECT total.products, page.id, page.sku, page.version, page.title, page.description, page.brand,
            c.path_names[array_upper(c.path_names, 1)], c.path_names, page.price_minor, page.image_link, {IN_STORES},
            page.group_id
        FROM (SELECT count(*) AS products FROM found) total
        LEFT JOIN page ON true LEFT JOIN categories c ON c.id = page.category_id
        ORDER BY page.place
    """)  # noqa: S608 - everything put together here is a constant of this module or of `products`
