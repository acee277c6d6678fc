"""Products as they are read: one by id, or a filtered page; called by the API and after single writes."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import TextClause, text

from order_service.catalog.like_pattern import like_pattern
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import NotFound
from schemas.ids import CategoryId, ProductId, StoreId
from schemas.money import MinorUnits

Ordering = Literal["id", "price", "-price", "created_at", "-created_at", "name", "-name"]


class Product(msgspec.Struct, frozen=True):
    """One product; `quantity` is on hand less reserved, of the store a filter names, else of all live stores."""

    id: ProductId
    sku: str
    group_id: str | None
    title: str
    description: str
    brand: str | None
    category_id: CategoryId
    category_name: str
    category_slug: str
    category_path: list[str]
    price_minor: MinorUnits
    gtin: str | None
    mpn: str | None
    image_link: str | None
    attributes: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    quantity: int


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of products is narrowed to; `category` holds ids or slugs with all below them; lists mean OR."""

    q: str | None = None
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool | None = None
    store_id: StoreId | None = None
    ordering: Ordering = "id"


COLUMNS: Final = """
    SELECT p.id, p.sku, p.group_id, p.title, p.description, p.brand, p.category_id, c.name AS category_name,
        c.slug AS category_slug, c.path_names AS category_path, p.price_minor, p.gtin, p.mpn, p.image_link,
        p.attributes, p.version, p.created_at, p.updated_at, coalesce(stock.available, 0) AS quantity
"""
WITH_STOCK: Final = """
    JOIN categories c ON c.id = p.category_id
    LEFT JOIN LATERAL (
        SELECT CAST(sum(l.on_hand - l.reserved) AS bigint) AS available
        FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
        WHERE l.product_id = p.id AND (CAST(:store_id AS bigint) IS NULL OR l.store_id = :store_id)
    ) stock ON true
"""
ONE: Final = text(f"{COLUMNS} FROM products p {WITH_STOCK} WHERE p.id = :id AND p.deleted_at IS NULL")

AVAILABLE: Final = """EXISTS (
        SELECT FROM stock_levels l JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
        WHERE l.product_id = p.id AND l.on_hand > l.reserved
            AND (CAST(:store_id AS bigint) IS NULL OR l.store_id = :store_id)
    )"""
CONDITIONS: Final = {
    "q": "(p.title ILIKE :q OR p.sku ILIKE :q)",
    "category": """p.category_id IN (
        SELECT below.id FROM categories named JOIN categories below ON below.path_ids @> ARRAY[named.id]
        WHERE named.slug = ANY (CAST(:category AS text[]))
            OR CAST(named.id AS text) = ANY (CAST(:category AS text[]))
    )""",
    "brand": "p.brand = ANY (CAST(:brand AS text[]))",
    "price_min_minor": "p.price_minor >= :price_min_minor",
    "price_max_minor": "p.price_minor <= :price_max_minor",
    "in_stock": f"{AVAILABLE} = :in_stock",
}
"""One constant condition for each field of ProductFilter that narrows; only those that are set are used."""

ORDERS: Final[dict[Ordering, str]] = {
    "id": "ORDER BY p.id",
    "price": "ORDER BY p.price_minor, p.id",
    "-price": "ORDER BY p.price_minor DESC, p.id DESC",
    "created_at": "ORDER BY p.created_at, p.id",
    "-created_at": "ORDER BY p.created_at DESC, p.id DESC",
    "name": "ORDER BY p.title, p.id",
    "-name": "ORDER BY p.title DESC, p.id DESC",
}


async def read_product(database: Database, product_id: ProductId) -> Product:
    """Read one product; raises NotFound when there is none or it was deleted."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(ONE, {"id": product_id, "store_id": None})).one_or_none()
    if row is None:
        raise NotFound("product", str(product_id))
    return Product(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


async def list_products(
    database: Database, wanted: ProductFilter, page: int, page_size: int
) -> tuple[list[Product], int]:
    """Read one page (from 1) and the count of all that match; an unknown category matches nothing."""
    values = _values(wanted)
    where = " AND ".join(["p.deleted_at IS NULL", *(CONDITIONS[name] for name in CONDITIONS if name in values)])
    values["store_id"] = wanted.store_id
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(_count_statement(where), values)).scalar_one()
        rows = (await connection.execute(_page_statement(where, wanted.ordering), values | paging)).all()
    return [Product(**row._mapping) for row in rows], count  # noqa: SLF001 - SQLAlchemy's documented name


def _values(wanted: ProductFilter) -> dict[str, Any]:
    """Keep the filters that are set, in the form the statements take."""
    values = {name: getattr(wanted, name) for name in CONDITIONS}
    if wanted.q:
        values["q"] = like_pattern(wanted.q)
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    return {name: value for name, value in (values | lists).items() if value not in (None, [], "")}


def _count_statement(where: str) -> TextClause:
    return text(f"SELECT count(*) FROM products p WHERE {where}")  # noqa: S608 - `where` joins constants of CONDITIONS


def _page_statement(where: str, ordering: Ordering) -> TextClause:
    """Choose the page's ids first, so that stock is summed for its rows only."""
    order = ORDERS[ordering]
    chosen = f"SELECT p.* FROM products p WHERE {where} {order} LIMIT :limit OFFSET :offset"  # noqa: S608 - as above
    return text(f"WITH page AS MATERIALIZED ({chosen}) {COLUMNS} FROM page p {WITH_STOCK} {order}")
