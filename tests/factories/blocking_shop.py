"""A shop for tests that cannot await, as Hypothesis's state machines: the use cases on an event loop of their own."""

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import text

from order_service.accounts.create_user import NewAccount, create_user
from order_service.accounts.passwords import PasswordHasher
from order_service.database.engine import open_database
from order_service.orders.place_order import OrderPlacements
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings
from tests.factories.till import Till


class BlockingShop:
    """Open for the life of a test; `run` blocks until what it is given is done."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = open_database(DatabaseSettings(url=url), statement_timeout_ms=0)
        self.placements = OrderPlacements(self.database, ShopSettings())
        self.till = Till(self.database)
        hasher = PasswordHasher()
        name = "u" + uuid.uuid4().hex[:12]
        account = NewAccount(name, f"{name}@example.com", "Correct-horse-1")
        self.customer = self.run(create_user(self.database, hasher, account)).id
        hasher.close()

    def run(self, deed: Coroutine[Any, Any, Any]) -> Any:
        """Give what it comes to, or raise what it raises."""
        return self.loop.run_until_complete(deed)

    def write(self, statement: str, **values: object) -> None:
        """Write past the use cases."""

        async def write() -> None:
            async with self.database.writes.begin() as connection:
                await connection.execute(text(statement), values)

        self.run(write())

    def close(self) -> None:
        """Close everything."""
        self.run(self.placements.close())
        self.run(self.database.close())
        self.loop.close()
