"""A shelf to buy from: stores and products made through the real use cases."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from order_service.accounts.create_user import NewAccount, create_user
from order_service.accounts.passwords import PasswordHasher
from order_service.database.engine import Database, open_database
from order_service.orders.order import Order
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import ProductId, StoreId, UserId
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import a_category, a_product, a_store
from tests.factories.environments import fresh_environment
from tests.factories.placements import place_order

Stocked = Callable[..., Awaitable[ProductId]]
Breaks = Callable[[], Awaitable[list[Any]]]
NewStore = Callable[[], Awaitable[StoreId]]
NewBuyer = Callable[[], Awaitable[UserId]]


@pytest.fixture(scope="session")
def shop(settings_of: Callable[[type[Any]], Any]) -> ShopSettings:
    """The rules of trade as they are by default."""
    loaded: ShopSettings = settings_of(ShopSettings)
    return loaded


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    """The URL of a database that only this module's tests use, so that all of it can be verified."""
    with fresh_environment() as variables:
        yield variables["DATABASE_URL"]


@pytest.fixture(scope="module")
async def own_database(own_url: str) -> AsyncIterator[Database]:
    """Both engines on that database."""
    opened = open_database(DatabaseSettings(url=own_url), statement_timeout_ms=0)  # verifying 100,000 orders takes long
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def new_buyer(database: Database) -> AsyncIterator[NewBuyer]:
    """Give another customer an account."""
    hasher = PasswordHasher()

    async def make() -> UserId:
        name = "u" + uuid.uuid4().hex[:12]
        return (await create_user(database, hasher, NewAccount(name, f"{name}@example.com", "Correct-horse-1"))).id

    yield make
    hasher.close()


@pytest.fixture(scope="session")
async def buyer(new_buyer: NewBuyer) -> UserId:
    """A customer with an account."""
    return await new_buyer()


@pytest.fixture
async def new_store(database: Database) -> NewStore:
    """Open another store."""

    async def make() -> StoreId:
        return (await a_store(database)).id

    return make


@pytest.fixture(scope="session")
async def category_id(database: Database) -> int:
    """A category for everything."""
    return (await a_category(database)).id


@pytest.fixture
async def stocked(database: Database, category_id: int) -> Stocked:
    """Put a new product on the shelves: `await stocked({store: quantity}, price_minor=…)`."""

    async def make(levels: dict[StoreId, int], price_minor: int = 1000) -> ProductId:
        return (await a_product(database, levels, price_minor=price_minor, category=category_id)).id

    return make


Bought = Callable[[], Awaitable[Order]]


@pytest.fixture
async def bought(
    database: Database,
    shop: ShopSettings,
    stocked: Stocked,
    new_store: Callable[[], Awaitable[StoreId]],
    buyer: UserId,
) -> Bought:
    """Buy everything (three pieces for 30.00) that a store has of a new product."""

    async def buy() -> Order:
        store = await new_store()
        lines = (LineRequest(await stocked({store: 3}), 3),)
        return (await place_order(database, shop, PlacementRequest(lines, store_id=store, user_id=buyer))).order

    return buy


STOCK_BREAKS = text("""
SELECT l.store_id, l.product_id FROM stock_levels l
LEFT JOIN (
    SELECT store_id, product_id, sum(quantity) AS moved,
           coalesce(-sum(quantity) FILTER (WHERE kind = 'sold'), 0) AS sold,
           coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0) AS returned
    FROM stock_movements GROUP BY 1, 2
) m USING (store_id, product_id)
LEFT JOIN (
    SELECT n.store_id, n.product_id, sum(n.quantity) AS ordered FROM order_lines n JOIN orders o ON o.id = n.order_id
    WHERE o.status <> 'REJECTED' GROUP BY 1, 2
) s USING (store_id, product_id)
WHERE l.on_hand <> coalesce(m.moved, 0) OR l.sold <> coalesce(m.sold, 0) OR l.returned <> coalesce(m.returned, 0)
   OR l.sold <> coalesce(s.ordered, 0) OR l.on_hand < 0
""")


@pytest.fixture
def stock_breaks(database: Database) -> Breaks:
    """List every level whose counters disagree with the ledger or with the order lines."""

    async def look() -> list[Any]:
        async with database.reads.connect() as connection:
            return list((await connection.execute(STOCK_BREAKS)).all())

    return look
