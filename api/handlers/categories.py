"""`/categories`: read by everybody, written by staff."""

from typing import ClassVar

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG, CATALOG_ADMIN_WRITE
from api.routing import Route
from order_service.catalog.categories import (
    Category,
    CategoryChanges,
    NewCategory,
    change_category,
    create_category,
    delete_category,
    list_categories,
    read_category,
)
from schemas.http_api.categories import CategoryBody, CategoryChangesBody, NewCategoryBody
from schemas.http_api.lists import Page
from schemas.ids import CategoryId

READ = Rule(Access.ANYONE, (CATALOG,))
WRITE = Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))


class Categories(ApiHandler):
    """The category tree as a flat list."""

    rules: ClassVar = {"GET": READ, "POST": WRITE}
    tagged = True

    async def get(self) -> None:
        """List a page by id."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        parameters.finish()
        categories, count = await list_categories(self.dependencies.database, page, page_size)
        self.answer(Page(count, page, page_size, [category_body(each) for each in categories]))

    async def post(self) -> None:
        """Create one."""
        new = NewCategory(**msgspec.structs.asdict(self.body(NewCategoryBody)))
        category = await create_category(self.dependencies.database, new, self.actor)
        self.answer_created(category_body(category), f"/api/v1/categories/{category.id}")


class OneCategory(ApiHandler):
    """One category by its id."""

    rules: ClassVar = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}
    tagged = True

    async def get(self, category_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        category = await read_category(self.dependencies.database, CategoryId(int(category_id)))
        self.answer(category_body(category))

    async def patch(self, category_id: str) -> None:
        """Rename or move it."""
        changes = CategoryChanges(**msgspec.structs.asdict(self.body(CategoryChangesBody)))
        category = await change_category(self.dependencies.database, CategoryId(int(category_id)), changes, self.actor)
        self.answer(category_body(category))

    async def delete(self, category_id: str) -> None:
        """Remove it when nothing is in it."""
        await delete_category(self.dependencies.database, CategoryId(int(category_id)), self.actor)
        self.set_status(204)


def category_body(category: Category) -> CategoryBody:
    """Render one category."""
    return CategoryBody(**msgspec.structs.asdict(category))


ROUTES = [
    Route("/api/v1/categories", Categories),
    Route("/api/v1/categories/{category_id}", OneCategory),
]
