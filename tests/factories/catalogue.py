"""Builds stores, categories, products and stock through the real use cases, with names nobody else has."""

import uuid
from collections.abc import Mapping
from typing import Any

from order_service.actor import Actor
from order_service.catalog.categories import Category, NewCategory, create_category
from order_service.catalog.products import Product
from order_service.catalog.stores import NewStore, Store, create_store
from order_service.catalog.write_product import NewProduct, create_product
from order_service.database.engine import Database
from order_service.stock.levels import Level, LevelChange, set_level
from schemas.ids import ProductId, StoreId

STAFF = Actor("user:1", "request-of-a-test")


def unique(word: str) -> str:
    """Make a name of this word that no other test uses."""
    return f"{word} {uuid.uuid4().hex[:12]}"


async def a_store(database: Database, **fields: Any) -> Store:
    """Open a store."""
    return await create_store(database, NewStore(**{"name": unique("Store"), **fields}), STAFF)


async def a_category(database: Database, **fields: Any) -> Category:
    """Make a category, a root unless `parent_id` is given."""
    return await create_category(database, NewCategory(**{"name": unique("Category"), **fields}), STAFF)


async def a_product(database: Database, stock: Mapping[StoreId, int] | None = None, **fields: Any) -> Product:
    """Make a product in a category of its own, with so much on hand in these stores."""
    if "category" not in fields:
        fields["category"] = (await a_category(database)).id
    new = NewProduct(**{"title": unique("Product"), "price_minor": 2500, **fields})
    product = await create_product(database, new, STAFF)
    for store_id, on_hand in (stock or {}).items():
        await stocked(database, store_id, product.id, on_hand)
    return product


async def stocked(database: Database, store_id: StoreId, product_id: ProductId, on_hand: int) -> Level:
    """Set what the store has of the product."""
    return await set_level(database, store_id, product_id, LevelChange(on_hand=on_hand), STAFF)
