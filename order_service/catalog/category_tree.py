"""Writes nodes of the category tree under one lock; called by the category use cases and the product import."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.catalog.slugs import unique_slug
from schemas.ids import CategoryId

TREE_LOCK = 0x63_61_74_73  # "cats"; any constant does, as long as every writer of the tree uses the same

CategoryPath = tuple[str, ...]

LOCK = text("SELECT pg_advisory_xact_lock(:key)")
NODES = text("SELECT id, slug, path_names FROM categories")
SLUGS = text("SELECT slug FROM categories")
SLUG_OF = text("SELECT slug FROM categories WHERE id = :id")
INSERT = text(
    """
    WITH fresh AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('categories', 'id')) AS id)
    INSERT INTO categories (id, parent_id, name, slug, path_ids, path_names, path_slugs)
    OVERRIDING SYSTEM VALUE
    SELECT fresh.id, parent.id, :name, :slug,
        coalesce(parent.path_ids, '{}') || fresh.id,
        coalesce(parent.path_names, '{}') || CAST(:name AS text),
        coalesce(parent.path_slugs, '{}') || CAST(:slug AS text)
    FROM fresh LEFT JOIN categories parent ON parent.id = :parent_id
    RETURNING id
    """
)
REBUILD_PATHS = text(
    """
    WITH RECURSIVE subtree AS (
        SELECT node.id,
            coalesce(parent.path_ids, '{}') || node.id AS path_ids,
            coalesce(parent.path_names, '{}') || node.name AS path_names,
            coalesce(parent.path_slugs, '{}') || node.slug AS path_slugs
        FROM categories node LEFT JOIN categories parent ON parent.id = node.parent_id
        WHERE node.id = :id
        UNION ALL
        SELECT node.id, subtree.path_ids || node.id, subtree.path_names || node.name,
            subtree.path_slugs || node.slug
        FROM categories node JOIN subtree ON node.parent_id = subtree.id
    )
    UPDATE categories SET path_ids = subtree.path_ids, path_names = subtree.path_names,
        path_slugs = subtree.path_slugs, updated_at = now()
    FROM subtree WHERE categories.id = subtree.id
    """
)


async def lock_tree(connection: AsyncConnection) -> None:
    """Wait until nobody else changes the tree; held to the end of the transaction."""
    await connection.execute(LOCK, {"key": TREE_LOCK})


async def insert_category(
    connection: AsyncConnection, name: str, parent_id: CategoryId | None, slug: str | None = None
) -> CategoryId:
    """Write one node and return its id; the caller holds the lock, and has checked parent, name and slug."""
    if slug is None:
        taken = set((await connection.execute(SLUGS)).scalars())
        parent_slug = (await connection.execute(SLUG_OF, {"id": parent_id})).scalar()
        slug = unique_slug(name, parent_slug, taken)
    inserted = await connection.execute(INSERT, {"name": name, "slug": slug, "parent_id": parent_id})
    return CategoryId(inserted.scalar_one())


async def rebuild_paths(connection: AsyncConnection, category_id: CategoryId) -> None:
    """Write the paths of a node and all below it anew, after its name, slug or parent changed."""
    await connection.execute(REBUILD_PATHS, {"id": category_id})


async def read_paths(connection: AsyncConnection) -> dict[CategoryPath, CategoryId]:
    """Read the whole tree as paths of names; shops have hundreds of categories, not millions."""
    rows = await connection.execute(NODES)
    return {tuple(row.path_names): row.id for row in rows}


async def ensure_paths(connection: AsyncConnection, wanted: Iterable[CategoryPath]) -> dict[CategoryPath, CategoryId]:
    """Create what is missing of these paths, parents first, and return the whole tree.

    Takes the tree's lock, so that nothing of it is deleted before the transaction ends.
    """
    await lock_tree(connection)
    known = await read_paths(connection)
    for path in sorted(wanted):
        for depth in range(1, len(path) + 1):
            await _ensure_node(connection, known, path[:depth])
    return known


async def _ensure_node(connection: AsyncConnection, known: dict[CategoryPath, CategoryId], path: Sequence[str]) -> None:
    node = tuple(path)
    if node not in known:
        known[node] = await insert_category(connection, node[-1], known.get(node[:-1]))
