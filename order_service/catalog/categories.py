"""The category tree: listed for everybody, changed by staff; called by the API."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, changes_between, record
from order_service.catalog.category_tree import insert_category, lock_tree, rebuild_paths
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.slugs import is_slug
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import FieldFault, InvalidInput, NotFound, StillReferenced
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.ids import CategoryId

MAX_NAME: Final = 100
MAX_DEPTH: Final = 8


class Category(msgspec.Struct, frozen=True):
    """One category; the paths go from the root to itself, `product_count` covers all below it."""

    id: CategoryId
    parent_id: CategoryId | None
    name: str
    slug: str
    path_names: list[str]
    path_slugs: list[str]
    product_count: int


class NewCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category to be; without a slug one is made from the name."""

    name: str
    parent_id: CategoryId | None = None
    slug: str | None = None


class CategoryChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; `parent_id=None` makes it a root, and a new name leaves the slug as it is."""

    name: str | UnsetType = UNSET
    parent_id: CategoryId | UnsetType | None = UNSET
    slug: str | UnsetType = UNSET


COUNT: Final = text("SELECT count(*) FROM categories")
PAGE: Final = text(
    """
    SELECT c.id, c.parent_id, c.name, c.slug, c.path_names, c.path_slugs, (
        SELECT count(*) FROM products p JOIN categories below ON below.id = p.category_id
        WHERE below.path_ids @> ARRAY[c.id] AND p.deleted_at IS NULL
    ) AS product_count
    FROM categories c WHERE CAST(:id AS numeric) IS NULL OR c.id = :id ORDER BY c.id LIMIT :limit OFFSET :offset
    """
)
LABELS: Final = text("SELECT slug, name FROM categories WHERE slug = ANY (CAST(:slugs AS text[]))")
NODE: Final = text("SELECT id, parent_id, name, slug, path_ids FROM categories WHERE id = :id")
TAKEN_NAME: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM categories WHERE parent_id IS NOT DISTINCT FROM CAST(:parent_id AS bigint)
            AND name = :name AND id <> :but
    )
    """
)
TAKEN_SLUG: Final = text("SELECT EXISTS (SELECT FROM categories WHERE slug = :slug AND id <> :but)")
HEIGHT: Final = text("SELECT max(cardinality(path_ids)) FROM categories WHERE path_ids @> ARRAY[CAST(:id AS bigint)]")
UPDATE: Final = text("UPDATE categories SET name = :name, slug = :slug, parent_id = :parent_id WHERE id = :id")
PRODUCTS_BELOW: Final = text(
    """
    SELECT p.id FROM products p JOIN categories c ON c.id = p.category_id
    WHERE c.path_ids @> ARRAY[CAST(:id AS bigint)] AND p.deleted_at IS NULL
    """
)
IS_USED: Final = text(
    """
    SELECT EXISTS (SELECT FROM products WHERE category_id = :id)
        OR EXISTS (SELECT FROM categories WHERE parent_id = :id)
    """
)
DELETE: Final = text("DELETE FROM categories WHERE id = :id")


async def list_categories(database: Database, page: int, page_size: int) -> tuple[list[Category], int]:
    """Read one page (from 1) by id, and the count of all."""
    paging = {"id": None, **page_bounds(page, page_size)}
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT)).scalar_one()
        rows = (await connection.execute(PAGE, paging)).all()
    return [Category(*row) for row in rows], count


async def read_category(database: Database, category_id: CategoryId) -> Category:
    """Read one category; raises NotFound."""
    async with translated_errors(), database.reads.connect() as connection:
        found = await connection.execute(PAGE, {"id": category_id, "limit": 1, "offset": 0})
        row = found.one_or_none()
    if row is None:
        raise NotFound("category", str(category_id))
    return Category(*row)


async def category_labels(database: Database, slugs: Sequence[str]) -> dict[str, str]:
    """Map each known slug to the category's name; unknown ones are left out."""
    async with translated_errors(), database.reads.connect() as connection:
        rows = await connection.execute(LABELS, {"slugs": list(slugs)})
        return {row.slug: row.name for row in rows}


async def create_category(database: Database, new: NewCategory, actor: Actor) -> Category:
    """Write a category; raises InvalidInput (`name`, `parent_id`, `slug`)."""
    wanted = {"name": new.name.strip(), "slug": new.slug, "parent_id": new.parent_id}

    async def create(unit: UnitOfWork) -> CategoryId:
        await lock_tree(unit.connection)
        faults = await _faults(unit.connection, wanted, CategoryId(0))
        if faults:
            raise InvalidInput(faults)
        made = await insert_category(unit.connection, new.name.strip(), new.parent_id, new.slug)
        await record(unit.connection, actor, Deed(action="category.create", subject=f"category:{made}", details=wanted))
        return made

    return await read_category(database, await in_unit_of_work(database, create))


async def change_category(
    database: Database, category_id: CategoryId, changes: CategoryChanges, actor: Actor
) -> Category:
    """Rename or move it with its subtree, and mark every product in it; raises NotFound, InvalidInput."""
    given = given_fields(changes)
    if "name" in given:
        given["name"] = given["name"].strip()

    async def change(unit: UnitOfWork) -> None:
        await lock_tree(unit.connection)
        node = await _node(unit.connection, category_id)
        before = {"name": node.name, "slug": node.slug, "parent_id": node.parent_id}
        wanted = before | given
        if wanted == before:
            return
        faults = await _faults(unit.connection, wanted, category_id)
        if faults:
            raise InvalidInput(faults)
        await unit.connection.execute(UPDATE, {**wanted, "id": category_id})
        await rebuild_paths(unit.connection, category_id)
        below = (await unit.connection.execute(PRODUCTS_BELOW, {"id": category_id})).scalars().all()
        await mark_changed(unit.connection, below, actor.request_id)
        details = changes_between(before, wanted)
        await record(
            unit.connection, actor, Deed(action="category.change", subject=f"category:{category_id}", details=details)
        )

    await in_unit_of_work(database, change)
    return await read_category(database, category_id)


async def delete_category(database: Database, category_id: CategoryId, actor: Actor) -> None:
    """Remove an empty category; raises NotFound, StillReferenced when it has products or children.

    A deleted product counts too: orders may still show it.
    """

    async def delete(unit: UnitOfWork) -> None:
        await lock_tree(unit.connection)
        await _node(unit.connection, category_id)
        if (await unit.connection.execute(IS_USED, {"id": category_id})).scalar_one():
            raise StillReferenced("the category has products or categories below it")
        await unit.connection.execute(DELETE, {"id": category_id})
        await record(unit.connection, actor, Deed(action="category.delete", subject=f"category:{category_id}"))

    await in_unit_of_work(database, delete)


async def _node(connection: AsyncConnection, category_id: CategoryId | None) -> Row[Any]:
    row = (await connection.execute(NODE, {"id": category_id})).one_or_none()
    if row is None:
        raise NotFound("category", str(category_id))
    return row


async def _faults(connection: AsyncConnection, wanted: dict[str, Any], category_id: CategoryId) -> list[FieldFault]:
    """Check what a category is to be; `category_id` is 0 for a new one."""
    faults = await _parent_faults(connection, wanted["parent_id"], category_id)
    faults += _name_faults(wanted["name"])
    if not faults and (await connection.execute(TAKEN_NAME, {**wanted, "but": category_id})).scalar_one():
        faults.append(FieldFault("name", "another category there has it"))
    return faults + await _slug_faults(connection, wanted["slug"], category_id)


def _name_faults(name: str) -> list[FieldFault]:
    if not name:
        return [FieldFault("name", "must not be empty")]
    if len(name) > MAX_NAME or "\x00" in name:
        return [FieldFault("name", f"over {MAX_NAME} characters or with a NUL character")]
    return []


async def _slug_faults(connection: AsyncConnection, slug: str | None, category_id: CategoryId) -> list[FieldFault]:
    if slug is None:
        return []
    if not is_slug(slug):
        return [FieldFault("slug", "must be words of a-z and 0-9 joined by hyphens, not only digits")]
    taken = (await connection.execute(TAKEN_SLUG, {"slug": slug, "but": category_id})).scalar_one()
    return [FieldFault("slug", "another category has it")] if taken else []


async def _parent_faults(
    connection: AsyncConnection, parent_id: CategoryId | None, category_id: CategoryId
) -> list[FieldFault]:
    """The parent must exist, must not lie below the category itself, and leave room for what is below that."""
    if parent_id is None:
        return []
    parent = (await connection.execute(NODE, {"id": parent_id})).one_or_none()
    if parent is None:
        return [FieldFault("parent_id", "there is no such category")]
    if category_id in parent.path_ids:
        return [FieldFault("parent_id", "lies in the category itself")]
    if len(parent.path_ids) + await _height(connection, category_id) > MAX_DEPTH:
        return [FieldFault("parent_id", f"more than {MAX_DEPTH} levels")]
    return []


async def _height(connection: AsyncConnection, category_id: CategoryId) -> int:
    """How many levels the category and what is below it take; 1 for a new one."""
    if category_id == 0:
        return 1
    deepest = (await connection.execute(HEIGHT, {"id": category_id})).scalar_one()
    own = len((await _node(connection, category_id)).path_ids)
    return int(deepest - own + 1)
