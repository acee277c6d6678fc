"""Vectors in real Postgres, and that both sides take the same text for a product's."""

import os
import uuid
from collections.abc import Sequence

import pytest

from order_service.actor import Actor
from order_service.catalog.categories import NewCategory, create_category
from order_service.catalog.write_product import NewProduct, create_product, delete_product
from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from schemas.ids import ProductId
from search_indexer.index.embedded_text import text_hash, text_of
from search_indexer.index.product_document import product_document
from search_indexer.storage.vectors import filling_lock, keep_vectors, known_vectors, prune_vectors

pytestmark = pytest.mark.servers

STAFF = Actor("test")
DESCRIPTIONS = [
    "",
    "short",
    "x" * 199 + "é",
    "🧵" * 250,
    "a\u0301" * 150,
    "漢字" * 120,
    "tab\tline\nend " * 30,
    "%s :name",
]


@pytest.fixture
def model() -> str:
    return f"model-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
async def products(database: Database) -> Sequence[ProductId]:
    category = await create_category(database, NewCategory(name=f"Straße 🛣 {uuid.uuid4().hex[:8]}"), STAFF)
    made = []
    for number, description in enumerate(DESCRIPTIONS):
        title = f"Ünïcode {number} {description[:50].strip()}"
        new = NewProduct(title=title, price_minor=1, category=category.id, description=description)
        made.append(ProductId((await create_product(database, new, STAFF)).id))
    return made


async def hashes_of(database: Database, products: Sequence[ProductId]) -> list[bytes]:
    batches = stream_snapshots(database, "USD", ids=products)
    documents = [product_document(snapshot) async for batch in batches for snapshot in batch]
    return [text_hash(text) for document in documents if (text := text_of(document)) is not None]


async def test_what_was_kept_is_known_by_text_and_model(database: Database, model: str) -> None:
    one, other = os.urandom(32), os.urandom(32)
    await keep_vectors(database, model, {one: b"vector"})
    assert await known_vectors(database, model, {one, other}) == {one: b"vector"}
    assert await known_vectors(database, "another", {one}) == {}
    assert await known_vectors(database, model, ()) == {}


async def test_keeping_again_changes_nothing(database: Database, model: str) -> None:
    one, other = os.urandom(32), os.urandom(32)
    await keep_vectors(database, model, {one: b"first"})
    await keep_vectors(database, model, {one: b"second", other: b"new"})
    assert await known_vectors(database, model, {one, other}) == {one: b"first", other: b"new"}


async def test_pruning_keeps_exactly_the_texts_of_products_whatever_they_are_written_in(
    database: Database, products: Sequence[ProductId], model: str
) -> None:
    in_use, unused = await hashes_of(database, products), [os.urandom(32) for _ in range(3)]
    assert len(set(in_use)) == len(DESCRIPTIONS)
    await keep_vectors(database, model, dict.fromkeys([*in_use, *unused], b"vector"))
    assert await prune_vectors(database, model) >= len(unused)
    assert set(await known_vectors(database, model, [*in_use, *unused])) == set(in_use)


async def test_pruning_drops_the_texts_of_deleted_products_and_other_models(database: Database, model: str) -> None:
    category = await create_category(database, NewCategory(name=f"gone {uuid.uuid4().hex[:8]}"), STAFF)
    new = NewProduct(title=f"Gone {uuid.uuid4().hex}", price_minor=1, category=category.id)
    product = await create_product(database, new, STAFF)
    [text] = await hashes_of(database, [ProductId(product.id)])
    for name in (model, "an earlier model"):
        await keep_vectors(database, name, {text: b"vector"})
    await prune_vectors(database, model)
    assert await known_vectors(database, model, {text})
    assert not await known_vectors(database, "an earlier model", {text})
    await delete_product(database, product.id, STAFF)
    await prune_vectors(database, model)
    assert not await known_vectors(database, model, {text})


async def test_one_fills_at_a_time_and_the_next_one_when_it_has_ended(database: Database) -> None:
    async with filling_lock(database) as first, filling_lock(database) as second:
        assert (first, second) == (True, False)
    async with filling_lock(database) as third:
        assert third
