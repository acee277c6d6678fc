"""Owners of carts, and what carts hold."""

from datetime import UTC, datetime

from order_service.carts.cart import CartItem, CartOwner, held_levels
from schemas.ids import CartItemId, ProductId, StoreId, UserId


def item(product: int, held: int, store: int | None) -> CartItem:
    return CartItem(
        CartItemId(product),
        ProductId(product),
        "Thing",
        9,
        100,
        100,
        is_on_sale=True,
        held=held,
        store_id=None if store is None else StoreId(store),
        reserved_until=datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_owners_are_told_apart_and_a_session_is_not_in_the_name() -> None:
    session = "0123456789abcdef" * 2
    assert CartOwner(user_id=UserId(7)).name == "user:7"
    assert CartOwner.of_session(session).name != CartOwner.of_session(session.upper()).name
    assert session not in CartOwner.of_session(session).name


def test_what_is_held_is_summed_by_level_and_what_lapsed_counts_nothing() -> None:
    items = [item(1, 2, 5), item(1, 3, 5), item(1, 4, 6), item(2, 0, None)]
    assert held_levels(items) == {(5, 1): 5, (6, 1): 4}
