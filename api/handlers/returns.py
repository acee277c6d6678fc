"""`/orders/{order_id}/returns`: goods that come back, recorded by staff."""

from typing import ClassVar

from api.access import Access, Rule
from api.handlers.payments import MoneyHandler
from api.problems import REPLAYED
from api.rate_limits.scopes import ORDERS
from api.rendering.payments import return_answer
from api.routing import Route
from order_service.errors import NotFound
from order_service.orders.order import ReturnedLine
from order_service.orders.return_goods import ReturnWanted, return_goods
from schemas.http_api.payments import ReturnRequest


class Returns(MoneyHandler):
    """Where goods come back."""

    rules: ClassVar = {"POST": Rule(Access.STAFF, (ORDERS,))}

    async def post(self, order_id: str) -> None:
        """Record what came back, put it on the shelf or not, and pay it back unless told otherwise."""
        body = self.body(ReturnRequest)
        wanted = ReturnWanted(
            tuple(ReturnedLine(each.line, each.quantity, each.restock) for each in body.lines),
            body.reason,
            body.refund,
            self.minor_units(body.amount),
        )
        asked = self.asked(order_id, wanted, "order.return", body.reason)
        changed = await return_goods(self.dependencies.database, self.dependencies.providers, asked, wanted)
        if changed.returned is None:
            raise NotFound("return", order_id)
        if changed.replayed:
            self.set_header(REPLAYED, "true")
        self.answer(return_answer(changed.returned, changed.refunds), 201)


ROUTES = [Route("/api/v1/orders/{order_id}/returns", Returns)]
