"""Carts as clients read them."""

from datetime import UTC, datetime
from typing import Any

from api.rendering.carts import admin_cart_body, cart_body
from order_service.carts.cart import Cart, CartItem
from schemas.ids import CartItemId, ProductId, StoreId

UNTIL = datetime(2026, 1, 2, tzinfo=UTC)


def item(**fields: Any) -> CartItem:
    given = {"is_on_sale": True, "held": 2, "store_id": StoreId(3), "reserved_until": UNTIL}
    return CartItem(CartItemId(1), ProductId(2), "Thing", 2, 1050, **{"seen_price_minor": 1050, **given, **fields})


def test_amounts_are_decimal_and_add_up() -> None:
    body = cart_body(Cart(None, [item(), item()]), "USD")
    assert (body.items[0].unit_price, body.items[0].line_total, body.total) == ("10.50", "21.00", "42.00")
    assert (body.items[0].previous_price, body.items[0].reserved_until) == (None, UNTIL)
    assert cart_body(Cart(None, [item()]), "JPY").total == "2100"


def test_a_price_that_moved_is_shown_beside_the_one_that_was_seen() -> None:
    [shown] = cart_body(Cart(None, [item(seen_price_minor=999)]), "USD").items
    assert (shown.previous_price, shown.unit_price) == ("9.99", "10.50")


def test_what_left_the_shop_counts_nothing() -> None:
    body = cart_body(Cart(None, [item(is_on_sale=False), item()]), "USD")
    assert ([each.available for each in body.items], body.total) == ([False, True], "21.00")


def test_staff_see_whose_it_is_and_how_it_stands() -> None:
    body = admin_cart_body(Cart(None, [], status="ABANDONED"), "USD")
    assert (body.status, body.user_id, body.total) == ("ABANDONED", None, "0.00")
