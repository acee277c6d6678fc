"""`/stores`: read by everybody, written by staff."""

from typing import ClassVar

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG, CATALOG_ADMIN_WRITE
from api.routing import Route
from order_service.catalog.stores import (
    NewStore,
    Store,
    StoreChanges,
    change_store,
    create_store,
    delete_store,
    list_stores,
    read_store,
)
from schemas.http_api.lists import Page
from schemas.http_api.stores import NewStoreBody, StoreBody, StoreChangesBody
from schemas.ids import StoreId

READ = Rule(Access.ANYONE, (CATALOG,))
WRITE = Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))


class Stores(ApiHandler):
    """All stores."""

    rules: ClassVar = {"GET": READ, "POST": WRITE}
    tagged = True

    async def get(self) -> None:
        """List a page by id."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        parameters.finish()
        stores, count = await list_stores(self.dependencies.database, page, page_size)
        self.answer(Page(count, page, page_size, [store_body(each) for each in stores]))

    async def post(self) -> None:
        """Create one."""
        new = NewStore(**msgspec.structs.asdict(self.body(NewStoreBody)))
        store = await create_store(self.dependencies.database, new, self.actor)
        self.answer_created(store_body(store), f"/api/v1/stores/{store.id}")


class OneStore(ApiHandler):
    """One store by its id."""

    rules: ClassVar = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}
    tagged = True

    async def get(self, store_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        self.answer(store_body(await read_store(self.dependencies.database, StoreId(int(store_id)))))

    async def patch(self, store_id: str) -> None:
        """Change the fields that the body names."""
        changes = StoreChanges(**msgspec.structs.asdict(self.body(StoreChangesBody)))
        store = await change_store(self.dependencies.database, StoreId(int(store_id)), changes, self.actor)
        self.answer(store_body(store))

    async def delete(self, store_id: str) -> None:
        """Close it: its stock no longer counts."""
        await delete_store(self.dependencies.database, StoreId(int(store_id)), self.actor)
        self.set_status(204)


def store_body(store: Store) -> StoreBody:
    """Render one store."""
    return StoreBody(**msgspec.structs.asdict(store))


ROUTES = [
    Route("/api/v1/stores", Stores),
    Route("/api/v1/stores/{store_id}", OneStore),
]
