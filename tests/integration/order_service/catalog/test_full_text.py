"""Products found by their words in Postgres alone."""

import uuid
from typing import Any

import pytest

from order_service.catalog.full_text import FullTextFilter, find_products
from order_service.catalog.products import Product
from order_service.catalog.write_product import delete_product
from order_service.database.engine import Database
from schemas.ids import ProductId
from tests.factories.catalogue import STAFF, a_category, a_product, a_store

pytestmark = pytest.mark.servers


@pytest.fixture
def word() -> str:
    return f"quill{uuid.uuid4().hex[:10]}"


async def found(database: Database, q: str, **narrowed: Any) -> list[ProductId]:
    products, count = await find_products(database, FullTextFilter(q=q, **narrowed), 1, 20)
    assert count == len(products)
    return [each.id for each in products]


async def lamp(database: Database, word: str, **fields: Any) -> Product:
    return await a_product(database, **{"title": f"{word} lamps", **fields})


async def test_all_words_must_be_there_in_any_form_and_place(database: Database, word: str) -> None:
    product = await lamp(database, word, brand="Lumo", description="Shines through the darkest nights")
    for q in (f"{word} lamp", f"LAMPS {word}", f"lumo {word}", f"{word} night shining"):
        assert await found(database, q) == [product.id]
    assert await found(database, f"{word} {word}torch") == []
    assert await found(database, f"{word} {word}torch", any_word=True) == [product.id]


async def test_identifiers_come_first_and_better_matches_before_others(database: Database, word: str) -> None:
    once = await lamp(database, word, description="a lamp")
    often = await lamp(database, word, title=f"{word} {word} {word}")
    named = await lamp(database, "other", sku=f"{word}")
    assert await found(database, word) == [named.id, often.id, once.id]
    assert await found(database, word, ordering="-created_at") == [named.id, often.id, once.id]
    assert await found(database, word, ordering="id") == [once.id, often.id, named.id]


async def test_the_first_variant_of_each_group_stands_for_it(database: Database, word: str) -> None:
    dear, cheap, single = [
        await lamp(database, word, price_minor=price, group_id=group)
        for price, group in ((900, word), (700, word), (800, None))
    ]
    assert await found(database, word, ordering="price", grouped=True) == [cheap.id, single.id]
    assert await found(database, word, ordering="-price", grouped=True) == [dear.id, single.id]
    assert await found(database, word, ordering="price") == [cheap.id, single.id, dear.id]
    assert len(await found(database, word, grouped=True)) == 2


async def test_filters_narrow_as_they_do_in_the_index(database: Database, word: str) -> None:
    store, root = await a_store(database), await a_category(database)
    below = await a_category(database, parent_id=root.id)
    chosen = {"category": below.id, "brand": "Lumo", "price_minor": 700, "attributes": {"colour": "red", "watt": 7}}
    product = await lamp(database, word, stock={store.id: 1}, **chosen)
    other = await lamp(database, word, price_minor=900, attributes={"colour": "blue"})
    for narrowed in (
        {"category": (root.slug,)},
        {"category": (str(below.id),)},
        {"brand": ("Lumo", "Ignis")},
        {"price_max_minor": 700},
        {"in_stock": True, "store_id": store.id},
        {"attributes": {"colour": ["red", "green"], "watt": ["7"]}},
    ):
        assert await found(database, word, **narrowed) == [product.id]
    assert await found(database, word, price_min_minor=701, in_stock=False) == [other.id]
    assert await found(database, word, attributes={"colour": ["red"], "watt": ["8"]}) == []


async def test_pages_tell_the_count_even_beyond_the_end_and_deleted_products_are_gone(
    database: Database, word: str
) -> None:
    products = [await lamp(database, word) for _ in range(3)]
    await delete_product(database, products[0].id, STAFF)
    page, count = await find_products(database, FullTextFilter(q=word, ordering="id"), 2, 1)
    assert ([each.id for each in page], count) == ([products[2].id], 2)
    assert await find_products(database, FullTextFilter(q=word), 9, 10) == ([], 2)
    assert (await find_products(database, FullTextFilter(), 1, 1))[1] > 1


@pytest.mark.parametrize("q", ["'", ":*", "a & | !", "<->", "\\", "💥", "the", "%", "a:b"])
async def test_hostile_words_are_only_words(database: Database, q: str) -> None:
    for any_word in (False, True):
        await find_products(database, FullTextFilter(q=q, any_word=any_word), 1, 5)


async def test_a_hit_says_where_it_is_in_stock(database: Database, word: str) -> None:
    store = await a_store(database)
    product = await lamp(database, word, stock={store.id: 2})
    [[hit], _] = await find_products(database, FullTextFilter(q=word), 1, 5)
    assert (hit.in_stock_store_ids, hit.category_name, hit.version) == ([store.id], product.category_name, 2)
