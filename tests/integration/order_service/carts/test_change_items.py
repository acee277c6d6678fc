"""Filling and changing carts on real Postgres: what is held, for whom, and where."""

import asyncio
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text

from order_service.carts.cart import MAX_LINES, CartOwner
from order_service.carts.change_items import remove_item, set_quantity
from order_service.database.engine import Database
from order_service.errors import CartShort, InvalidInput, NoOpenCart, NotFound
from schemas.ids import CartItemId, ProductId, StoreId
from tests.factories.carts import SETTINGS, contents, guest, item_id_of, item_of, open_cart, put, reserved
from tests.factories.ledger import marks, rows
from tests.integration.order_service.conftest import NewBuyer, NewStore, Stocked

pytestmark = pytest.mark.servers

FILL = """
WITH p AS (
    INSERT INTO products (sku, title, category_id, price_minor)
    SELECT 'full-' || gen_random_uuid(), 'Thing', category_id, 1
    FROM products CROSS JOIN generate_series(1, :n) WHERE id = :p RETURNING id
)
INSERT INTO cart_items (cart_id, product_id, quantity, seen_price_minor) SELECT :cart, id, 1, 1 FROM p
"""
"""Puts n products that nobody stocks into a cart, behind the use case's back."""


async def lapse(database: Database, product_id: ProductId) -> None:
    """Take the product's reservations away, as their expiry does."""
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM reservations WHERE product_id = :p"), {"p": product_id})
        await connection.execute(text("UPDATE stock_levels SET reserved = 0 WHERE product_id = :p"), {"p": product_id})


async def test_what_goes_into_a_cart_is_held_and_adds_up(
    database: Database, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    store = await new_store()
    product, owner = await stocked({store: 5}), CartOwner(user_id=await new_buyer())
    await put(database, owner, product, 2)
    cart = await put(database, owner, product, 1)
    assert contents(cart) == [(product, 3)]
    assert (cart.items[0].store_id, cart.items[0].held, cart.items[0].price_minor) == (store, 3, 1000)
    assert await reserved(database, product) == {store: 3}
    assert (await open_cart(database, owner)).items == cart.items


async def test_what_one_holds_nobody_else_gets_and_their_cart_is_left_as_it_was(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    scarce, plenty = await stocked({store: 3}), await stocked({store: 9})
    first, second = guest(), guest()
    await put(database, first, scarce, 2)
    await put(database, second, plenty)
    with pytest.raises(CartShort) as short:
        await put(database, second, scarce, 2)
    assert [(line.product_id, line.requested, line.available) for line in short.value.lines] == [(scarce, 2, 1)]
    assert contents(await open_cart(database, second)) == [(plenty, 1)]
    assert await reserved(database, scarce) == {store: 2}


async def test_a_shoppers_own_reservation_never_blocks_them(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product, owner = await stocked({store: 4}), guest()
    item = item_id_of(await put(database, owner, product, 3), product)
    assert contents(await set_quantity(database, owner, item, 4, SETTINGS)) == [(product, 4)]
    with pytest.raises(CartShort) as short:
        await set_quantity(database, owner, item, 5, SETTINGS)
    assert [(line.requested, line.available) for line in short.value.lines] == [(5, 4)]
    assert await reserved(database, product) == {store: 4}
    assert contents(await set_quantity(database, owner, item, 1, SETTINGS)) == [(product, 1)]
    assert await reserved(database, product) == {store: 1}


async def test_an_item_taken_out_gives_its_stock_back_and_the_others_stay(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    a, b, owner = await stocked({store: 1}), await stocked({store: 1}), guest()
    await put(database, owner, a)
    cart = await put(database, owner, b)
    assert contents(await remove_item(database, owner, item_id_of(cart, a), SETTINGS)) == [(b, 1)]
    assert (await reserved(database, a), await reserved(database, b)) == ({}, {store: 1})
    assert contents(await remove_item(database, owner, item_id_of(cart, b), SETTINGS)) == []
    assert await reserved(database, b) == {}
    with pytest.raises(NotFound):
        await remove_item(database, owner, item_id_of(cart, b), SETTINGS)


async def test_nobody_reaches_into_anothers_cart(database: Database, new_store: NewStore, stocked: Stocked) -> None:
    product = await stocked({await new_store(): 5})
    item = item_id_of(await put(database, guest(), product), product)
    with pytest.raises(NoOpenCart):
        await set_quantity(database, guest(), item, 2, SETTINGS)
    other = guest()
    await put(database, other, product)
    with pytest.raises(NotFound):
        await set_quantity(database, other, item, 2, SETTINGS)
    with pytest.raises(NotFound):
        await remove_item(database, other, CartItemId(10**12), SETTINGS)


async def test_the_cart_is_served_by_the_lowest_store_that_has_all_of_it(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    first, second = await new_store(), await new_store()
    both, only_second, owner = await stocked({first: 1, second: 1}), await stocked({second: 1}), guest()
    assert (await put(database, owner, both)).items[0].store_id == first
    cart = await put(database, owner, only_second)
    assert {item.store_id for item in cart.items} == {second}
    assert (await reserved(database, both), await reserved(database, only_second)) == ({second: 1}, {second: 1})
    back = await remove_item(database, owner, item_id_of(cart, only_second), SETTINGS)
    assert back.items[0].store_id == first


async def test_a_store_that_is_asked_for_serves_the_whole_cart_or_nothing_changes(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    first, second = await new_store(), await new_store()
    both, only_first, owner = await stocked({first: 1, second: 1}), await stocked({first: 1}), guest()
    assert (await put(database, owner, both, store_id=second)).items[0].store_id == second
    with pytest.raises(CartShort):
        await put(database, owner, only_first)
    assert (await put(database, owner, only_first, store_id=first)).store_id == first
    assert (await reserved(database, both), await reserved(database, only_first)) == ({first: 1}, {first: 1})
    with pytest.raises(InvalidInput, match="store_id"):
        await put(database, owner, both, store_id=StoreId(10**9))


async def test_every_change_renews_what_is_held_and_holds_again_what_lapsed_while_there_is_stock(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    lapsed, gone, fresh, owner = *[await stocked({store: 1}) for _ in range(3)], guest()
    await put(database, owner, lapsed)
    before = item_of(await put(database, owner, gone), lapsed).reserved_until
    for product in (lapsed, gone):
        await lapse(database, product)
    await put(database, guest(), gone)
    cart = await put(database, owner, fresh)
    held = {item.product_id: item.held for item in cart.items}
    assert held == {lapsed: 1, gone: 0, fresh: 1}
    assert item_of(cart, gone).reserved_until is None
    after = item_of(cart, lapsed).reserved_until
    assert before is not None
    assert after is not None
    assert after > before


async def test_the_last_piece_that_is_held_leaves_the_shelf_and_comes_back_with_a_mark_each(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product, owner = await stocked({store: 2}), guest()
    before = await marks(database, product)
    await put(database, owner, product)
    assert await marks(database, product) == before
    cart = await put(database, owner, product)
    assert await marks(database, product) == before + 1
    await set_quantity(database, owner, item_id_of(cart, product), 1, SETTINGS)
    assert await marks(database, product) == before + 2


async def test_a_cart_takes_so_many_pieces_and_lines(database: Database, new_store: NewStore, stocked: Stocked) -> None:
    store = await new_store()
    product, owner = await stocked({store: 9}), guest()
    strict = replace(SETTINGS, max_pieces=3)
    await put(database, owner, product, 3, settings=strict)
    with pytest.raises(InvalidInput, match="quantity"):
        await put(database, owner, product, 1, settings=strict)
    full = guest()
    await put(database, full, product)
    cart = await open_cart(database, full)
    async with database.writes.begin() as connection:
        await connection.execute(text(FILL), {"cart": cart.id, "p": product, "n": MAX_LINES - 1})
    with pytest.raises(InvalidInput, match="product_id"):
        await put(database, full, await stocked({store: 1}))


async def test_guests_of_one_address_hold_so_many_pieces_together(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product, strict = await stocked({store: 20}), replace(SETTINGS, max_pieces_of_client=5)
    here, there = uuid.uuid4().bytes, uuid.uuid4().bytes
    await put(database, guest(here), product, 3, settings=strict)
    with pytest.raises(InvalidInput, match="quantity"):
        await put(database, guest(here), product, 3, settings=strict)
    await put(database, guest(there), product, 3, settings=strict)
    await put(database, guest(here), product, 2, settings=strict)
    assert await reserved(database, product) == {store: 8}


async def test_a_product_that_left_the_shop_cannot_be_put_in_or_changed(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product, other, owner = await stocked({store: 5}), await stocked({store: 5}), guest()
    item = item_id_of(await put(database, owner, product), product)
    async with database.writes.begin() as connection:
        await connection.execute(text("UPDATE products SET deleted_at = now() WHERE id = :p"), {"p": product})
    with pytest.raises(InvalidInput, match="product_id"):
        await put(database, owner, product)
    with pytest.raises(NotFound):
        await set_quantity(database, owner, item, 2, SETTINGS)
    cart = await put(database, owner, other)
    assert (item_of(cart, product).is_on_sale, item_of(cart, product).held) == (False, 0)
    assert await reserved(database, product) == {}


async def test_many_shoppers_hold_every_piece_once(database: Database, new_store: NewStore, stocked: Stocked) -> None:
    first, second = await new_store(), await new_store()
    a, b = await stocked({first: 4, second: 6}), await stocked({first: 4, second: 6})

    async def fill(number: int) -> bool:
        owner = guest()
        try:
            for product in (a, b) if number % 2 else (b, a):
                await put(database, owner, product)
        except CartShort:
            return False
        return True

    filled = await asyncio.gather(*(fill(number) for number in range(20)))
    assert sum(filled) <= 10, "none at all where those who began with one product hold all of it"
    for product in (a, b):
        held = sum((await reserved(database, product)).values())
        assert sum(filled) <= held <= 10
        assert held > 0


async def test_one_shopper_clicking_at_once_gets_one_cart_with_the_sum(
    database: Database, new_store: NewStore, stocked: Stocked
) -> None:
    store = await new_store()
    product, owner = await stocked({store: 20}), guest()
    await asyncio.gather(*(put(database, owner, product) for _ in range(12)))
    assert contents(await open_cart(database, owner)) == [(product, 12)]
    assert await reserved(database, product) == {store: 12}
    carts = await rows(database, "SELECT count(*) FROM carts WHERE session_digest = :s", s=owner.session)
    assert carts == [(1,)]
