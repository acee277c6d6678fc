"""What a store can hold of a cart."""

from hypothesis import given
from hypothesis import strategies as st

from order_service.carts.cart import CartItem, Level
from order_service.carts.choose_store import WantedLine
from order_service.carts.hold_stock import servable, short_lines
from order_service.errors import ShortLine
from schemas.ids import CartItemId, ProductId, StoreId

STORE = StoreId(1)


def item(product: int, quantity: int) -> CartItem:
    return CartItem(CartItemId(product), ProductId(product), "Thing", quantity, 100, 100, is_on_sale=True)


def levels(*available: int) -> dict[Level, int]:
    """What store 1 has of products 1, 2, …"""
    return {(STORE, ProductId(product)): has for product, has in enumerate(available, start=1)}


def test_short_lines_say_what_is_there() -> None:
    lines = [WantedLine(ProductId(1), 2), WantedLine(ProductId(2), 2), WantedLine(ProductId(3), 9, required=False)]
    assert short_lines(lines, STORE, levels(2, 1)) == [ShortLine(2, 2, 1)]


def test_no_store_has_nothing() -> None:
    assert short_lines([WantedLine(ProductId(1), 2)], None, levels(9)) == [ShortLine(1, 2, 0)]
    assert servable([item(1, 1)], None, levels(9)) == []


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=8))
def test_an_item_is_either_held_in_full_or_named_as_short(wanted_and_there: list[tuple[int, int]]) -> None:
    items = [item(product, wanted) for product, (wanted, _) in enumerate(wanted_and_there, start=1)]
    there = levels(*(has for _, has in wanted_and_there))
    lines = [WantedLine(each.product_id, each.quantity) for each in items]
    held = {each.product_id for each in servable(items, STORE, there)}
    short = {line.product_id for line in short_lines(lines, STORE, there)}
    assert held | short == {each.product_id for each in items}
    assert held & short == set()
    assert all(there[STORE, each.product_id] >= each.quantity for each in items if each.product_id in held)
