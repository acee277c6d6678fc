"""`/discounts`: discount codes, kept by staff; customers name them when they order."""

from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG_ADMIN_WRITE
from api.reading.discounts import discount_changes, new_discount
from api.rendering.discounts import discount_body
from api.routing import Route
from order_service.pricing.discount_codes import (
    change_discount_code,
    create_discount_code,
    delete_discount_code,
    list_discount_codes,
    read_discount_code,
)
from schemas.http_api.discounts import DiscountChangesBody, NewDiscountBody
from schemas.http_api.lists import Page

READ = Rule(Access.STAFF)
WRITE = Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))


class Discounts(ApiHandler):
    """All codes."""

    rules: ClassVar = {"GET": READ, "POST": WRITE}

    async def get(self) -> None:
        """List a page, newest first; `code` asks for one."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        code = parameters.text("code")
        parameters.finish()
        codes, count = await list_discount_codes(self.dependencies.database, code, page, page_size)
        self.answer(Page(count, page, page_size, [discount_body(each, self.currency) for each in codes]))

    async def post(self) -> None:
        """Create one."""
        new = new_discount(self.body(NewDiscountBody), self.currency)
        code = await create_discount_code(self.dependencies.database, new, self.actor)
        self.answer_created(discount_body(code, self.currency), f"/api/v1/discounts/{code.id}")


class OneDiscount(ApiHandler):
    """One code by its id."""

    rules: ClassVar = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}

    async def get(self, discount_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        code = await read_discount_code(self.dependencies.database, int(discount_id))
        self.answer(discount_body(code, self.currency))

    async def patch(self, discount_id: str) -> None:
        """Change the fields that the body names."""
        changes = discount_changes(self.body(DiscountChangesBody), self.currency)
        code = await change_discount_code(self.dependencies.database, int(discount_id), changes, self.actor)
        self.answer(discount_body(code, self.currency))

    async def delete(self, discount_id: str) -> None:
        """Take away a code that was never used."""
        await delete_discount_code(self.dependencies.database, int(discount_id), self.actor)
        self.set_status(204)


ROUTES = [
    Route("/api/v1/discounts", Discounts),
    Route("/api/v1/discounts/{discount_id}", OneDiscount),
]
