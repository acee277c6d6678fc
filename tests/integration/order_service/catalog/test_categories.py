"""The category tree on real Postgres: made, renamed, moved, emptied."""

import asyncio

import pytest

from order_service.catalog.categories import (
    CategoryChanges,
    NewCategory,
    category_labels,
    change_category,
    create_category,
    delete_category,
    list_categories,
    read_category,
)
from order_service.catalog.products import read_product
from order_service.database.engine import Database
from order_service.errors import InvalidInput, NotFound, StillReferenced
from schemas.ids import CategoryId
from tests.factories.catalogue import STAFF, a_category, a_product, unique
from tests.factories.ledger import marks

pytestmark = pytest.mark.servers


async def test_a_category_knows_its_path_and_counts_what_is_below(database: Database) -> None:
    root = await a_category(database)
    child = await a_category(database, parent_id=root.id)
    await a_product(database, category=child.id)
    await a_product(database, category=root.id)
    assert child.path_names == [root.name, child.name]
    assert child.path_slugs == [root.slug, child.slug]
    assert ((await read_category(database, root.id)).product_count, child.product_count) == (2, 0)


async def test_the_list_is_paged_by_id(database: Database) -> None:
    made = [await a_category(database) for _ in range(3)]
    everything: list[int] = []
    _, count = await list_categories(database, 1, 1)
    for page in range(1, count // 2 + 2):
        found, _ = await list_categories(database, page, 2)
        everything += [category.id for category in found]
    assert everything == sorted(everything)
    assert {category.id for category in made} <= set(everything)


async def test_labels_are_given_for_known_slugs(database: Database) -> None:
    category = await a_category(database)
    assert await category_labels(database, [category.slug, "no-such"]) == {category.slug: category.name}


async def test_the_same_name_elsewhere_gets_a_slug_of_its_own(database: Database) -> None:
    name = unique("Other")
    first = await a_category(database, name=name)
    parent = await a_category(database)
    second = await a_category(database, name=name, parent_id=parent.id)
    assert second.slug == f"{first.slug}-{parent.slug}"


@pytest.mark.parametrize(
    ("new", "fields"),
    [
        (NewCategory(name=" "), ["name"]),
        (NewCategory(name="x" * 101), ["name"]),
        (NewCategory(name="x", slug="Not A Slug"), ["slug"]),
        (NewCategory(name="", parent_id=CategoryId(10**30), slug="1"), ["parent_id", "name", "slug"]),
    ],
)
async def test_faulty_fields_are_all_named(database: Database, new: NewCategory, fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_category(database, new, STAFF)
    assert [fault.field for fault in refused.value.faults] == fields


async def test_a_name_and_a_slug_are_used_once(database: Database) -> None:
    first = await a_category(database)
    with pytest.raises(InvalidInput, match="name: another category there has it"):
        await a_category(database, name=first.name)
    with pytest.raises(InvalidInput, match="slug: another category has it"):
        await a_category(database, slug=first.slug)


async def test_a_renamed_category_renames_the_paths_below_and_marks_their_products(database: Database) -> None:
    root = await a_category(database)
    child = await a_category(database, parent_id=root.id)
    product, elsewhere = await a_product(database, category=child.id), await a_product(database)
    name = unique("New")
    renamed = await change_category(database, root.id, CategoryChanges(name=f" {name} "), STAFF)
    assert (renamed.name, renamed.slug) == (name, root.slug)
    assert (await read_product(database, product.id)).category_path == [name, child.name]
    assert (await read_product(database, product.id)).version == 2
    assert (await read_product(database, elsewhere.id)).version == 1
    assert await marks(database, product.id) == 2


async def test_a_change_to_the_same_marks_nothing(database: Database) -> None:
    category = await a_category(database)
    product = await a_product(database, category=category.id)
    same = CategoryChanges(name=category.name, slug=category.slug, parent_id=None)
    assert (await change_category(database, category.id, same, STAFF)).product_count == 1
    assert (await read_product(database, product.id)).version == 1


async def test_a_category_moves_with_everything_below(database: Database) -> None:
    old, new = await a_category(database), await a_category(database)
    child = await a_category(database, parent_id=old.id)
    grandchild = await a_category(database, parent_id=child.id)
    await change_category(database, child.id, CategoryChanges(parent_id=new.id), STAFF)
    assert (await read_category(database, grandchild.id)).path_slugs == [new.slug, child.slug, grandchild.slug]
    root = await change_category(database, child.id, CategoryChanges(parent_id=None), STAFF)
    assert (root.parent_id, root.path_names) == (None, [child.name])


async def test_a_category_cannot_move_below_itself_nor_too_deep(database: Database) -> None:
    chain = [await a_category(database)]
    for _ in range(7):
        chain.append(await a_category(database, parent_id=chain[-1].id))
    with pytest.raises(InvalidInput, match="lies in the category itself"):
        await change_category(database, chain[0].id, CategoryChanges(parent_id=chain[3].id), STAFF)
    with pytest.raises(InvalidInput, match="more than 8 levels"):
        await a_category(database, parent_id=chain[-1].id)
    other = await a_category(database)
    with pytest.raises(InvalidInput, match="more than 8 levels"):
        await change_category(database, chain[0].id, CategoryChanges(parent_id=other.id), STAFF)


async def test_only_an_empty_category_is_deleted(database: Database) -> None:
    parent = await a_category(database)
    child = await a_category(database, parent_id=parent.id)
    await a_product(database, category=child.id)
    for category in (parent, child):
        with pytest.raises(StillReferenced):
            await delete_category(database, category.id, STAFF)
    empty = await a_category(database)
    await delete_category(database, empty.id, STAFF)
    for attempt in (
        read_category(database, empty.id),
        delete_category(database, empty.id, STAFF),
        change_category(database, empty.id, CategoryChanges(name="x"), STAFF),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_parallel_categories_of_one_name_get_one_winner(database: Database) -> None:
    new = NewCategory(name=unique("Race"))
    outcomes = await asyncio.gather(*(create_category(database, new, STAFF) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, InvalidInput) for outcome in outcomes) == 5
