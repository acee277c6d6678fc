"""`/orders`: placed by customers and guests, read and moved by their owners and by staff."""

from typing import ClassVar
from uuid import UUID

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.problems import REPLAYED, InsufficientStock
from api.rate_limits.scopes import ORDERS
from api.reading.faults import TokenMissing
from api.reading.idempotency_keys import HEADER as IDEMPOTENCY_KEY
from api.reading.idempotency_keys import idempotency_key, owner_of, read_key
from api.reading.order_tokens import HEADER as ORDER_TOKEN
from api.reading.order_tokens import check_somebody, check_visible
from api.reading.placements import earlier_placement_of, placement_of
from api.rendering.orders import earlier_order_body, order_body
from api.routing import Route
from order_service.orders.move_order import Move, Mover, move_and_settle
from order_service.orders.order import Order
from order_service.orders.order_tokens import order_token
from order_service.orders.placement import Placed, PlacementRequest
from order_service.orders.read_orders import OrderFilter, list_orders, read_order
from order_service.orders.states import STATUSES
from schemas.http_api.lists import Page
from schemas.http_api.orders import EarlierOrderRequest, OrderMoveBody, OrderRequest
from schemas.ids import OrderId

PLACING = "POST /api/v1/orders"


class Orders(ApiHandler):
    """The caller's orders, and where new ones are placed."""

    rules: ClassVar = {"GET": Rule(Access.CUSTOMER), "POST": Rule(Access.ANYONE, (ORDERS,))}

    async def get(self) -> None:
        """List one's own orders, newest first."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        chosen = OrderFilter(user_id=self.caller.user_id, status=parameters.choice("status", STATUSES, any_case=True))
        parameters.finish()
        orders, count = await list_orders(self.dependencies.database, chosen, page=page, page_size=page_size)
        self.answer(Page(count, page, page_size, [order_body(each) for each in orders]))

    async def post(self) -> None:
        """Place an order: CONFIRMED with its stock taken, or REJECTED."""
        settings = self.dependencies.settings
        if self.principal is None and not settings.shop.guest_orders:
            raise TokenMissing
        placed = await self.dependencies.placements.place(self._placement())
        if placed.replayed:
            self.set_header(REPLAYED, "true")
        token = order_token(settings.auth, placed.order.id) if placed.order.user_id is None else None
        if self.earlier:
            status = 200 if placed.order.status == "REJECTED" else 201
            self.answer(earlier_order_body(placed.order, token), status)
            return
        if placed.order.status == "REJECTED":
            raise insufficient_stock(placed)
        self.answer_created(order_body(placed.order, token=token), f"/api/v1/orders/{placed.order.id}")

    def _placement(self) -> PlacementRequest:
        key = read_key(self.request.headers.get(IDEMPOTENCY_KEY))
        if self.earlier:
            asked = earlier_placement_of(self.body(EarlierOrderRequest))
        else:
            asked = placement_of(self.body(OrderRequest))
        owner = owner_of(self.principal, asked.email, self.request.remote_ip or "")
        return msgspec.structs.replace(
            asked,
            user_id=self.principal.user_id if self.principal else None,
            idempotency=idempotency_key(key, owner, PLACING, asked),
            request_id=self.request_id,
        )


class OneOrder(ApiHandler):
    """One order by its id; somebody else's is as good as none."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE), "PATCH": Rule(Access.CUSTOMER, (ORDERS,))}

    async def get(self, order_id: str) -> None:
        """Show it to its owner, to staff, or to whoever holds its token."""
        self.parameters().finish()
        self.answer(order_body(await shown_order(self, order_id), with_detail=True))

    async def patch(self, order_id: str) -> None:
        """Move it along its states."""
        body = self.body(OrderMoveBody)
        order = await move_and_settle(
            self.dependencies.database,
            self.dependencies.providers,
            OrderId(UUID(order_id)),
            Move(body.status, body.reason, self.request_id),
            Mover(self.caller.user_id, self.caller.is_staff),
            payment_required=self.dependencies.settings.shop.payment_required,
        )
        self.answer(order_body(order, with_detail=True))


async def shown_order(handler: ApiHandler, order_id: str) -> Order:
    """Read the order for whoever may see it: its owner, staff, who holds its token; raises TokenMissing, NotFound."""
    token = handler.request.headers.get(ORDER_TOKEN)
    check_somebody(handler.principal, token)
    order = await read_order(handler.dependencies.database, OrderId(UUID(order_id)))
    check_visible(order, handler.principal, token, handler.dependencies.settings.auth)
    return order


def insufficient_stock(placed: Placed) -> InsufficientStock:
    """Make the problem of a REJECTED order."""
    lines = [
        {"product_id": line.product_id, "requested": line.requested, "available": line.available}
        for line in placed.short
    ]
    return InsufficientStock(str(placed.order.id), lines, placed.replayed)


ROUTES = [
    Route("/api/v1/orders", Orders),
    Route("/api/v1/orders/{order_id}", OneOrder),
]
