"""`/cart`: what a signed-in customer has chosen and not bought yet. `guest_carts` serves guests by the same methods."""

from typing import ClassVar

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.handlers.orders import insufficient_stock
from api.problems import REPLAYED
from api.rate_limits.scopes import CART, CART_WRITE
from api.reading.cart_sessions import HEADER as SESSION_ID
from api.reading.cart_sessions import guest_of
from api.reading.idempotency_keys import HEADER as IDEMPOTENCY_KEY
from api.reading.idempotency_keys import idempotency_key, read_key
from api.reading.placements import checkout_of
from api.rendering.carts import cart_body
from api.rendering.orders import order_body
from api.routing import Route
from order_service.carts.cart import Cart, CartOwner
from order_service.carts.change_items import NewItem, add_item, remove_item, set_quantity
from order_service.carts.close_cart import abandon_cart, clear_cart
from order_service.carts.merge_carts import merge_guest_cart
from order_service.carts.read_cart import NO_CART, read_open_cart
from order_service.orders.order_tokens import order_token
from schemas.http_api.carts import (
    CartItemRequest,
    CartQuantityRequest,
    CartRequest,
    CheckoutRequest,
    GuestCartRequest,
)
from schemas.ids import CartItemId, ProductId, StoreId

READ = Rule(Access.CUSTOMER, (CART,))
WRITE = Rule(Access.CUSTOMER, (CART_WRITE,))
CHECKING_OUT = "POST /api/v1/cart/checkout"


class CartHandler(ApiHandler):
    """What all of them share: whose cart it is, and how a cart is answered."""

    plain_body: ClassVar[type[CartRequest]] = CartRequest

    def owner(self, body: msgspec.Struct | None = None) -> CartOwner:  # noqa: ARG002 - a guest's body may name the session
        """Name whose cart it is: the caller's."""
        return CartOwner(user_id=self.caller.user_id)

    def plain_owner(self) -> CartOwner:
        """Name whose cart it is on routes that take no more than that."""
        return self.owner(self.body_if_any(self.plain_body))

    async def remove(self, item_id: str) -> None:
        """Take an item out, and answer with the cart."""
        deps = self.dependencies
        owner, item = self.plain_owner(), CartItemId(int(item_id))
        self.answer_cart(await remove_item(deps.database, owner, item, deps.settings.carts, self.request_id))

    def answer_cart(self, cart: Cart | None, status: int = 200) -> None:
        """Answer with the cart; a customer without one has an empty one."""
        self.answer(cart_body(cart or NO_CART, self.currency), status)


class OpenCart(CartHandler):
    """The cart."""

    rules: ClassVar = {"GET": READ}

    async def get(self) -> None:
        """Show it, at present prices."""
        self.parameters().finish()
        self.answer_cart(await read_open_cart(self.dependencies.database, self.owner()))


class Items(CartHandler):
    """Where products are put into the cart."""

    rules: ClassVar = {"POST": WRITE}
    item_body: ClassVar[type[CartItemRequest]] = CartItemRequest

    async def post(self) -> None:
        """Put a product in and hold it."""
        body = self.body(self.item_body)
        wanted = NewItem(
            ProductId(body.product_id), body.quantity, None if body.store_id is None else StoreId(body.store_id)
        )
        carts = self.dependencies.settings.carts
        cart = await add_item(self.dependencies.database, self.owner(body), wanted, carts, self.request_id)
        self.answer_cart(cart, 201)


class OneItem(CartHandler):
    """One item of the cart."""

    rules: ClassVar = {"PATCH": WRITE, "DELETE": WRITE}
    quantity_body: ClassVar[type[CartQuantityRequest]] = CartQuantityRequest

    async def patch(self, item_id: str) -> None:
        """Hold another number of it."""
        body = self.body(self.quantity_body)
        carts = self.dependencies.settings.carts
        cart = await set_quantity(
            self.dependencies.database,
            self.owner(body),
            CartItemId(int(item_id)),
            body.quantity,
            carts,
            self.request_id,
        )
        self.answer_cart(cart)

    async def delete(self, item_id: str) -> None:
        """Take it out."""
        await self.remove(item_id)


class ItemRemoval(CartHandler):
    """The path by which earlier clients take an item out."""

    rules: ClassVar = {"POST": WRITE, "DELETE": WRITE}

    async def post(self, item_id: str) -> None:
        """Take it out."""
        await self.remove(item_id)

    async def delete(self, item_id: str) -> None:
        """Take it out."""
        await self.remove(item_id)


class Clearing(CartHandler):
    """Where the cart is emptied."""

    rules: ClassVar = {"POST": WRITE}

    async def post(self) -> None:
        """Give everything back; the cart stays."""
        self.answer_cart(await clear_cart(self.dependencies.database, self.plain_owner(), self.request_id))


class Abandoning(CartHandler):
    """Where the cart is given up."""

    rules: ClassVar = {"POST": WRITE}

    async def post(self) -> None:
        """Give everything back and close the cart; the answer is the empty cart that is left."""
        await abandon_cart(self.dependencies.database, self.plain_owner(), self.request_id)
        self.answer_cart(None)


class Checkout(CartHandler):
    """Where the cart becomes an order."""

    rules: ClassVar = {"POST": WRITE}
    checkout_body: ClassVar[type[CheckoutRequest]] = CheckoutRequest
    route: ClassVar[str] = CHECKING_OUT

    async def post(self) -> None:
        """Sell what is in the cart: CONFIRMED and the cart closed, or a problem and the cart as it was."""
        body = self.body_if_any(self.checkout_body)
        owner = self.owner(body)
        key = read_key(self.request.headers.get(IDEMPOTENCY_KEY))
        asked = checkout_of(body)
        request = msgspec.structs.replace(
            asked,
            cart=owner,
            user_id=owner.user_id,
            idempotency=idempotency_key(key, owner.name, self.route, asked),
            request_id=self.request_id,
        )
        placed = await self.dependencies.placements.place(request)
        if placed.order.status == "REJECTED":
            raise insufficient_stock(placed)
        if placed.replayed:
            self.set_header(REPLAYED, "true")
        token = None if placed.order.user_id else order_token(self.dependencies.settings.auth, placed.order.id)
        self.answer_created(order_body(placed.order, token=token), f"/api/v1/orders/{placed.order.id}")


class GuestMerge(CartHandler):
    """Where a guest who signed in brings their cart along."""

    rules: ClassVar = {"POST": WRITE}
    plain_body: ClassVar = GuestCartRequest

    async def post(self) -> None:
        """Merge the session's cart into the caller's."""
        deps, body = self.dependencies, self.body_if_any(GuestCartRequest)
        secret_key = deps.settings.auth.secret_key
        guest = guest_of(self.request.headers.get(SESSION_ID), body.session_id, "", secret_key)
        carts = deps.settings.carts
        self.answer_cart(await merge_guest_cart(deps.database, self.caller.user_id, guest, carts, self.request_id))


ROUTES = [
    Route("/api/v1/cart", OpenCart),
    Route("/api/v1/cart/items", Items),
    Route("/api/v1/cart/items/{item_id}", OneItem),
    Route("/api/v1/cart/items/{item_id}/delete", ItemRemoval),
    Route("/api/v1/cart/clear", Clearing),
    Route("/api/v1/cart/abandon", Abandoning),
    Route("/api/v1/cart/checkout", Checkout),
    Route("/api/v1/cart/merge-guest", GuestMerge),
]
