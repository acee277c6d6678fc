"""Renders carts; called by the cart handlers."""

from order_service.carts.cart import Cart, CartItem
from schemas.http_api.carts import AdminCartBody, CartBody, CartItemBody
from schemas.money import to_amount


def cart_body(cart: Cart, currency: str) -> CartBody:
    """Render a cart at present prices; an item whose product left the shop counts nothing."""
    total = sum(item.price_minor * item.quantity for item in cart.items if item.is_on_sale)
    return CartBody(
        id=None if cart.id is None else str(cart.id),
        items=[_item(item, currency) for item in cart.items],
        total=to_amount(total, currency),
        currency=currency,
    )


def admin_cart_body(cart: Cart, currency: str) -> AdminCartBody:
    """Render a cart for staff."""
    shown = cart_body(cart, currency)
    return AdminCartBody(
        id=shown.id,
        status=cart.status,
        user_id=cart.user_id,
        created_at=cart.created_at,
        active_at=cart.active_at,
        items=shown.items,
        total=shown.total,
        currency=currency,
    )


def _item(item: CartItem, currency: str) -> CartItemBody:
    moved = item.seen_price_minor != item.price_minor
    return CartItemBody(
        id=item.id,
        product_id=item.product_id,
        product_title=item.product_title,
        quantity=item.quantity,
        unit_price=to_amount(item.price_minor, currency),
        previous_price=to_amount(item.seen_price_minor, currency) if moved else None,
        line_total=to_amount(item.price_minor * item.quantity, currency),
        available=item.is_on_sale,
        store=item.store_id,
        reserved_until=item.reserved_until,
    )
