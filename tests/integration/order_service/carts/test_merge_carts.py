"""Merging carts on real Postgres: all of it or nothing."""

import asyncio
from dataclasses import replace

import pytest

from order_service.carts.cart import CartOwner
from order_service.carts.merge_carts import merge_guest_cart
from order_service.carts.read_cart import read_open_cart
from order_service.database.engine import Database
from order_service.errors import CartShort, InvalidInput, NoOpenCart
from tests.factories.carts import SETTINGS, contents, guest, id_of, open_cart, put, reserved
from tests.factories.ledger import rows
from tests.integration.order_service.conftest import NewBuyer, NewStore, Stocked

pytestmark = pytest.mark.servers


async def test_quantities_sum_and_the_guests_cart_is_gone(
    database: Database, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    store = await new_store()
    both, guests, user, stranger = (
        await stocked({store: 5}),
        await stocked({store: 5}),
        await new_buyer(),
        guest(),
    )
    kept = await put(database, CartOwner(user_id=user), both, 2)
    await put(database, stranger, guests, 1)
    merged = await put(database, stranger, both, 3)
    cart = await merge_guest_cart(database, user, stranger, SETTINGS)
    assert (cart.id, sorted(contents(cart))) == (kept.id, sorted([(both, 5), (guests, 1)]))
    assert (await reserved(database, both), await reserved(database, guests)) == ({store: 5}, {store: 1})
    assert await read_open_cart(database, stranger) is None
    assert await rows(database, "SELECT status, merged_into FROM carts WHERE id = :id", id=id_of(merged)) == [
        ("MERGED", kept.id)
    ]
    with pytest.raises(NoOpenCart):
        await merge_guest_cart(database, user, stranger, SETTINGS)


async def test_a_user_without_a_cart_gets_the_guests(
    database: Database, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    store = await new_store()
    product, user, stranger = await stocked({store: 2}), await new_buyer(), guest()
    await put(database, stranger, product, 2)
    assert contents(await merge_guest_cart(database, user, stranger, SETTINGS)) == [(product, 2)]
    assert await reserved(database, product) == {store: 2}


async def test_a_conflict_leaves_both_carts_as_they_were(
    database: Database, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    first, second = await new_store(), await new_store()
    here, there, user, stranger = (
        await stocked({first: 1}),
        await stocked({second: 1}),
        CartOwner(user_id=await new_buyer()),
        guest(),
    )
    assert user.user_id is not None
    await put(database, user, here)
    await put(database, stranger, there)
    before = [await open_cart(database, user), await open_cart(database, stranger)]
    with pytest.raises(CartShort):
        await merge_guest_cart(database, user.user_id, stranger, SETTINGS)
    with pytest.raises(InvalidInput, match="quantity"):
        await merge_guest_cart(database, user.user_id, stranger, replace(SETTINGS, max_pieces=1))
    assert [await open_cart(database, user), await open_cart(database, stranger)] == before
    assert (await reserved(database, here), await reserved(database, there)) == ({first: 1}, {second: 1})


async def test_merging_against_adding_loses_and_doubles_nothing(
    database: Database, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    store = await new_store()
    product, user, stranger = await stocked({store: 50}), await new_buyer(), guest()
    await put(database, stranger, product, 4)
    await asyncio.gather(
        merge_guest_cart(database, user, stranger, SETTINGS),
        *(put(database, CartOwner(user_id=user), product) for _ in range(5)),
        *(put(database, stranger, product) for _ in range(5)),
    )
    left = await read_open_cart(database, stranger)
    merged = contents(await open_cart(database, CartOwner(user_id=user)))[0][1]
    assert merged + (contents(left)[0][1] if left else 0) == 14
    assert await reserved(database, product) == {store: 14}
