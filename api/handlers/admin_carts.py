"""`/admin/carts`: what staff see of carts and do for shoppers."""

from typing import ClassVar
from uuid import UUID

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rendering.carts import admin_cart_body
from api.routing import Route
from order_service.carts.cart import Cart
from order_service.carts.support_carts import STATUSES, CartFilter, abandon_for, clear_for, list_carts, merge_for
from schemas.http_api.carts import CartMergeRequest, CartSupportRequest
from schemas.http_api.lists import Page
from schemas.ids import CartId, UserId

STAFF = Rule(Access.STAFF)


class AdminCarts(ApiHandler):
    """Every cart, the last changed first."""

    rules: ClassVar = {"GET": STAFF}

    async def get(self) -> None:
        """List a filtered page."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        user_id = parameters.id("user_id")
        status = parameters.choice("status", STATUSES, any_case=True)
        parameters.finish()
        chosen = CartFilter(status=status, user_id=None if user_id is None else UserId(user_id))
        carts, count = await list_carts(self.dependencies.database, chosen, page=page, page_size=page_size)
        self.answer(Page(count, page, page_size, [admin_cart_body(each, self.currency) for each in carts]))


class SupportHandler(ApiHandler):
    """What is done to one cart."""

    def answer_cart(self, cart: Cart) -> None:
        """Answer with the cart as it stands then."""
        self.answer(admin_cart_body(cart, self.currency))


class AdminClearing(SupportHandler):
    """Where a cart is emptied."""

    rules: ClassVar = {"POST": STAFF}

    async def post(self, cart_id: str) -> None:
        """Give everything back; the cart stays."""
        reason = self.body_if_any(CartSupportRequest).reason
        self.answer_cart(await clear_for(self.dependencies.database, CartId(UUID(cart_id)), self.actor, reason))


class AdminAbandoning(SupportHandler):
    """Where a cart is given up."""

    rules: ClassVar = {"POST": STAFF}

    async def post(self, cart_id: str) -> None:
        """Give everything back and close the cart."""
        reason = self.body_if_any(CartSupportRequest).reason
        self.answer_cart(await abandon_for(self.dependencies.database, CartId(UUID(cart_id)), self.actor, reason))


class AdminMerging(SupportHandler):
    """Where a cart becomes part of a user's."""

    rules: ClassVar = {"POST": STAFF}

    async def post(self, cart_id: str) -> None:
        """Merge it; the answer is the user's cart."""
        body, deps = self.body(CartMergeRequest), self.dependencies
        cart = await merge_for(
            deps.database,
            CartId(UUID(cart_id)),
            UserId(body.user_id),
            deps.settings.carts,
            self.actor,
            body.reason,
        )
        self.answer_cart(cart)


ROUTES = [
    Route("/api/v1/admin/carts", AdminCarts),
    Route("/api/v1/admin/carts/{cart_id}/clear", AdminClearing),
    Route("/api/v1/admin/carts/{cart_id}/abandon", AdminAbandoning),
    Route("/api/v1/admin/carts/{cart_id}/merge", AdminMerging),
]
