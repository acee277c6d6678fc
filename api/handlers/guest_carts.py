"""`/cart/guest`: the carts of those who have not signed in, told apart by `X-Session-Id`."""

from typing import ClassVar

import msgspec
from msgspec import UNSET

from api.access import Access, Rule, client_key
from api.handlers import carts
from api.handlers.carts import CartHandler
from api.rate_limits.scopes import CART, CART_WRITE
from api.reading.cart_sessions import HEADER as SESSION_ID
from api.reading.cart_sessions import guest_of
from api.reading.faults import TokenMissing
from api.routing import Route
from order_service.carts.cart import Cart, CartOwner
from order_service.errors import NoOpenCart
from schemas.http_api.carts import (
    GuestCartItemRequest,
    GuestCartQuantityRequest,
    GuestCartRequest,
    GuestCheckoutRequest,
)

READ = Rule(Access.ANYONE, (CART,))
WRITE = Rule(Access.ANYONE, (CART_WRITE,))


class GuestHandler(CartHandler):
    """A cart by its session; a guest without one is told so."""

    plain_body: ClassVar = GuestCartRequest

    def owner(self, body: msgspec.Struct | None = None) -> CartOwner:
        """Name the guest; raises SessionIdMissing, InvalidInput."""
        given = getattr(body, "session_id", UNSET)
        address = client_key(None, self.request.remote_ip or "")
        secret_key = self.dependencies.settings.auth.secret_key
        return guest_of(self.request.headers.get(SESSION_ID), given, address, secret_key)

    def answer_cart(self, cart: Cart | None, status: int = 200) -> None:
        """Answer with the cart; raises NoOpenCart without one."""
        if cart is None:
            raise NoOpenCart
        super().answer_cart(cart, status)


class GuestCart(GuestHandler, carts.OpenCart):
    """The cart."""

    rules: ClassVar = {"GET": READ}


class GuestItems(GuestHandler, carts.Items):
    """Where products are put into the cart."""

    rules: ClassVar = {"POST": WRITE}
    item_body: ClassVar = GuestCartItemRequest


class OneGuestItem(GuestHandler, carts.OneItem):
    """One item of the cart."""

    rules: ClassVar = {"PATCH": WRITE, "DELETE": WRITE}
    quantity_body: ClassVar = GuestCartQuantityRequest


class GuestItemRemoval(GuestHandler, carts.ItemRemoval):
    """The path by which earlier clients take an item out."""

    rules: ClassVar = {"POST": WRITE, "DELETE": WRITE}


class GuestClearing(GuestHandler, carts.Clearing):
    """Where the cart is emptied."""

    rules: ClassVar = {"POST": WRITE}


class GuestCheckout(GuestHandler, carts.Checkout):
    """Where the cart becomes an order, as far as GUEST_ORDERS lets guests."""

    rules: ClassVar = {"POST": WRITE}
    checkout_body: ClassVar = GuestCheckoutRequest
    route: ClassVar = "POST /api/v1/cart/guest/checkout"

    async def post(self) -> None:
        """Sell what is in the cart; raises TokenMissing where guests may not buy."""
        if not self.dependencies.settings.shop.guest_orders:
            raise TokenMissing
        await super().post()


ROUTES = [
    Route("/api/v1/cart/guest", GuestCart),
    Route("/api/v1/cart/guest/items", GuestItems),
    Route("/api/v1/cart/guest/items/{item_id}", OneGuestItem),
    Route("/api/v1/cart/guest/items/{item_id}/delete", GuestItemRemoval),
    Route("/api/v1/cart/guest/clear", GuestClearing),
    Route("/api/v1/cart/guest/checkout", GuestCheckout),
]
