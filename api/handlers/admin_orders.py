"""`/admin/orders`: every order, for staff; and one store's list in the shape of earlier clients."""

from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.reading.query_parameters import QueryParameters
from api.rendering.orders import order_body, store_order_body
from api.routing import Route
from order_service.orders.read_orders import OrderFilter, list_orders
from order_service.orders.states import STATUSES
from schemas.http_api.lists import Page
from schemas.ids import StoreId, UserId


class AdminOrders(ApiHandler):
    """Every order, newest first."""

    rules: ClassVar = {"GET": Rule(Access.STAFF)}

    async def get(self, store_id: str | None = None) -> None:
        """List a filtered page; earlier clients name the store in the path and get a bare array."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        chosen = order_filter(parameters, store_id)
        parameters.finish()
        orders, count = await list_orders(self.dependencies.database, chosen, page=page, page_size=page_size)
        if self.earlier:
            self.set_header("X-Total-Count", str(count))
            self.answer([store_order_body(each) for each in orders])
        else:
            self.answer(Page(count, page, page_size, [order_body(each) for each in orders]))


def order_filter(parameters: QueryParameters, store_id: str | None) -> OrderFilter:
    """Read the filters; a store in the path is not asked for again."""
    user_id = parameters.id("user_id")
    store = parameters.id("store_id") if store_id is None else int(store_id)
    created_from, created_to = parameters.moment("created_from"), parameters.moment("created_to")
    if created_from and created_to and created_from > created_to:
        parameters.fault("created_from", "is after created_to")
    return OrderFilter(
        user_id=None if user_id is None else UserId(user_id),
        store_id=None if store is None else StoreId(store),
        status=parameters.choice("status", STATUSES, any_case=True),
        created_from=created_from,
        created_to=created_to,
    )


ROUTES = [Route("/api/v1/admin/orders", AdminOrders)]
