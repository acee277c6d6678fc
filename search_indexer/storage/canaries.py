"""Products whose titles say which product is meant, for the gate of a rebuild."""

from typing import NamedTuple

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

CHOOSE = text("""
    SELECT min(p.sku), p.title, min(c.path_names[array_upper(c.path_names, 1)]), min(left(p.description, 200))
    FROM products p JOIN categories c ON c.id = p.category_id WHERE p.deleted_at IS NULL
    GROUP BY p.title HAVING count(*) = 1 ORDER BY md5(p.title) LIMIT :limit
""")


class Canary(NamedTuple):
    """A product on sale that no other shares its title with; `description` is its beginning."""

    sku: str
    title: str
    category_name: str
    description: str


async def choose_canaries(database: Database, limit: int) -> list[Canary]:
    """Choose at most `limit`, scattered over the catalogue and the same in every run; raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        return [Canary(*row) for row in await connection.execute(CHOOSE, {"limit": limit})]
