"""Checking carts out through the batcher on real Postgres."""

import asyncio
import uuid
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from order_service.carts.cart import CartOwner
from order_service.carts.read_cart import read_open_cart
from order_service.database.engine import Database
from order_service.errors import CartEmpty, InvalidInput, PriceChange, PricesChanged
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.place_order import OrderPlacements
from order_service.orders.place_orders import place_orders
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.unit_of_work import UnitOfWork
from schemas.ids import ProductId, StoreId
from schemas.shop_settings import ShopSettings
from tests.factories.carts import contents, guest, id_of, open_cart, put, reserved
from tests.factories.ledger import rows
from tests.factories.placements import place_order
from tests.integration.order_service.conftest import Breaks, NewBuyer, NewStore, Stocked

pytestmark = pytest.mark.servers


def checkout(owner: CartOwner, **fields: Any) -> PlacementRequest:
    """Ask for the owner's cart to be sold."""
    return PlacementRequest((), cart=owner, user_id=owner.user_id, **fields)


def key(fingerprint: bytes = b"body") -> IdempotencyKey:
    """Make a key that nobody used."""
    return IdempotencyKey("test POST /cart/checkout", uuid.uuid4().hex, fingerprint)


async def on_hand(database: Database, product_id: ProductId) -> dict[StoreId, int]:
    found = await rows(database, "SELECT store_id, on_hand FROM stock_levels WHERE product_id = :p", p=product_id)
    return {store: quantity for store, quantity in found if quantity}


async def lapse(database: Database, product_id: ProductId) -> None:
    """Take the product's reservations away, as their expiry does."""
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM reservations WHERE product_id = :p"), {"p": product_id})
        await connection.execute(text("UPDATE stock_levels SET reserved = 0 WHERE product_id = :p"), {"p": product_id})


async def set_price(database: Database, product_id: ProductId, price_minor: int) -> None:
    async with database.writes.begin() as connection:
        statement = text("UPDATE products SET price_minor = :price WHERE id = :p")
        await connection.execute(statement, {"p": product_id, "price": price_minor})


async def test_what_was_held_is_sold_and_the_cart_is_closed(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    store, owner = await new_store(), CartOwner(user_id=await new_buyer())
    a, b = await stocked({store: 2}), await stocked({store: 5})
    await put(database, owner, a, 2)
    cart = await put(database, owner, b, 3)
    placed = await place_order(database, shop, checkout(owner))
    assert (placed.order.status, placed.order.total_minor, placed.order.store_id) == ("CONFIRMED", 5000, store)
    assert [(line.product_id, line.quantity) for line in placed.order.lines] == [(a, 2), (b, 3)]
    assert (await on_hand(database, a), await on_hand(database, b)) == ({}, {store: 2})
    assert (await reserved(database, a), await reserved(database, b)) == ({}, {})
    assert await read_open_cart(database, owner) is None
    found = await rows(
        database, "SELECT c.status, o.id FROM carts c JOIN orders o ON o.cart_id = c.id WHERE c.id = :c", c=id_of(cart)
    )
    assert found == [("CHECKED_OUT", placed.order.id)]
    with pytest.raises(CartEmpty):
        await place_order(database, shop, checkout(owner))


async def test_two_checkouts_at_once_make_one_order(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owner = await new_store(), guest()
    product = await stocked({store: 9})
    await put(database, owner, product, 2)
    one_process = OrderPlacements(database, shop)
    outcomes = await asyncio.gather(
        *(one_process.place(checkout(owner)) for _ in range(4)),
        *(place_order(database, shop, checkout(owner)) for _ in range(4)),
        return_exceptions=True,
    )
    await one_process.close()
    assert sum(isinstance(each, Placed) for each in outcomes) == 1
    assert sum(isinstance(each, CartEmpty) for each in outcomes) == 7
    assert await on_hand(database, product) == {store: 7}


async def test_a_checkout_is_replayed_under_its_key_also_when_the_cart_is_gone(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owner, claimed = await new_store(), guest(), key()
    product = await stocked({store: 9})
    await put(database, owner, product, 2)
    outcomes = await asyncio.gather(
        *(place_order(database, shop, checkout(owner, idempotency=claimed)) for _ in range(5))
    )
    assert len({each.order.id for each in outcomes}) == 1
    assert sum(not each.replayed for each in outcomes) == 1
    await put(database, owner, product, 1)
    again = await place_order(database, shop, checkout(owner, idempotency=claimed))
    assert again == msgspec.structs.replace(outcomes[0], replayed=True)
    assert contents(await open_cart(database, owner)) == [(product, 1)]


async def test_an_empty_cart_is_refused_and_the_refusal_replayed(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    owner, claimed = guest(), key()
    with pytest.raises(CartEmpty) as first:
        await place_order(database, shop, checkout(owner, idempotency=claimed))
    await put(database, owner, await stocked({await new_store(): 1}))
    with pytest.raises(CartEmpty) as second:
        await place_order(database, shop, checkout(owner, idempotency=claimed))
    assert (first.value.replayed, second.value.replayed) == (False, True)


async def test_a_changed_price_has_to_be_accepted(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owner, claimed = await new_store(), guest(), key()
    product = await stocked({store: 2}, price_minor=1000)
    await put(database, owner, product, 2)
    await set_price(database, product, 1100)
    for replayed in (False, True):
        with pytest.raises(PricesChanged) as changed:
            await place_order(database, shop, checkout(owner, idempotency=claimed))
        assert changed.value.changes == [PriceChange(product, 1000, 1100)]
        assert changed.value.replayed is replayed
    assert await reserved(database, product) == {store: 2}
    placed = await place_order(database, shop, checkout(owner, accept_price_changes=True))
    assert (placed.order.status, placed.order.total_minor) == ("CONFIRMED", 2200)


async def test_a_lapsed_reservation_is_tried_again_and_what_is_gone_is_rejected_with_the_cart_open(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked, stock_breaks: Breaks
) -> None:
    store, lucky, late = await new_store(), guest(), guest()
    product, other = await stocked({store: 2}), await stocked({store: 2})
    await put(database, lucky, product, 1)
    await put(database, late, product, 1)
    await put(database, late, other, 1)
    await lapse(database, product)
    await place_order(database, shop, PlacementRequest((LineRequest(product, 1),), store_id=store))
    placed = await place_order(database, shop, checkout(lucky))
    assert placed.order.status == "CONFIRMED"
    rejected = await place_order(database, shop, checkout(late))
    assert rejected.order.status == "REJECTED"
    assert [(line.product_id, line.available) for line in rejected.short] == [(product, 0)]
    assert contents(await open_cart(database, late)) == [(product, 1), (other, 1)]
    assert await reserved(database, other) == {store: 1}
    assert await stock_breaks() == []


async def test_a_lapsed_cart_is_sold_from_another_store_that_has_everything(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    first, second, owner = await new_store(), await new_store(), guest()
    a, b = await stocked({first: 1, second: 1}), await stocked({first: 1, second: 1})
    await put(database, owner, a)
    await put(database, owner, b)
    await lapse(database, a)
    await place_order(database, shop, PlacementRequest((LineRequest(a, 1),), store_id=first))
    placed = await place_order(database, shop, checkout(owner))
    assert (placed.order.status, placed.order.store_id) == ("CONFIRMED", second)
    assert (await on_hand(database, a), await on_hand(database, b)) == ({}, {first: 1})
    assert await reserved(database, b) == {}


async def test_a_cart_held_in_a_store_that_closed_is_sold_from_another(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    closing, other, owners = await new_store(), await new_store(), [guest(), guest()]
    product, more = await stocked({closing: 2, other: 2}), await stocked({other: 1})
    for owner in owners:
        await put(database, owner, product, store_id=closing)
    async with database.writes.begin() as connection:
        await connection.execute(text("UPDATE stores SET deleted_at = now() WHERE id = :s"), {"s": closing})
    placed = await place_order(database, shop, checkout(owners[0]))
    assert (placed.order.status, placed.order.store_id) == ("CONFIRMED", other)
    assert {item.store_id for item in (await put(database, owners[1], more)).items} == {other}
    assert await reserved(database, product) == {other: 1}


async def test_a_product_that_left_the_shop_is_named(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    owner = guest()
    product = await stocked({await new_store(): 1})
    await put(database, owner, product)
    async with database.writes.begin() as connection:
        await connection.execute(text("UPDATE products SET deleted_at = now() WHERE id = :p"), {"p": product})
    with pytest.raises(InvalidInput, match=r"items\[0\]"):
        await place_order(database, shop, checkout(owner))
    assert contents(await open_cart(database, owner)) == [(product, 1)]


async def test_carts_and_plain_orders_for_one_product_sell_every_piece_once(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked, stock_breaks: Breaks
) -> None:
    store = await new_store()
    product = await stocked({store: 20})
    owners = [guest() for _ in range(12)]
    for owner in owners:
        await put(database, owner, product)
    placements = OrderPlacements(database, shop)
    plain = PlacementRequest((LineRequest(product, 1),), store_id=store)
    outcomes = await asyncio.gather(
        *(placements.place(checkout(owner)) for owner in owners), *(placements.place(plain) for _ in range(20))
    )
    await placements.close()
    assert [each.order.status for each in outcomes[:12]] == ["CONFIRMED"] * 12
    assert sum(each.order.status == "CONFIRMED" for each in outcomes[12:]) == 8
    assert await on_hand(database, product) == {}
    assert await stock_breaks() == []


async def test_a_checkout_that_is_not_committed_leaves_cart_and_stock_as_they_were(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owner, claimed = await new_store(), guest(), key()
    product = await stocked({store: 3})
    await put(database, owner, product, 2)
    before = await open_cart(database, owner)
    async with UnitOfWork(database) as unit:
        [verdict] = await place_orders(unit, shop, [checkout(owner, idempotency=claimed)])
    assert isinstance(verdict, Placed)
    assert await open_cart(database, owner) == before
    assert (await on_hand(database, product), await reserved(database, product)) == ({store: 3}, {store: 2})
    assert (await place_order(database, shop, checkout(owner, idempotency=claimed))).replayed is False


async def test_a_checkout_that_postgres_refuses_fails_alone_and_its_cart_stays(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owners = await new_store(), [guest() for _ in range(5)]
    product = await stocked({store: 9})
    for owner in owners:
        await put(database, owner, product)
    placements = OrderPlacements(database, shop)
    notes = ["fine", "fine", "not \0 fine", "fine", "fine"]
    outcomes = await asyncio.gather(
        *(placements.place(checkout(owner, note=note)) for owner, note in zip(owners, notes, strict=True)),
        return_exceptions=True,
    )
    await placements.close()
    assert [isinstance(each, Placed) for each in outcomes] == [note == "fine" for note in notes]
    assert contents(await open_cart(database, owners[2])) == [(product, 1)]
    assert await reserved(database, product) == {store: 1}


async def test_a_cart_that_changes_while_it_is_checked_out_is_sold_before_or_after_the_change(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked
) -> None:
    store, owner = await new_store(), guest()
    product = await stocked({store: 50})
    await put(database, owner, product, 2)
    adding = asyncio.gather(*(put(database, owner, product) for _ in range(6)))
    placed = await place_order(database, shop, checkout(owner))
    await adding
    sold = placed.order.lines[0].quantity
    left = await read_open_cart(database, owner)
    assert sold + sum(item.quantity for item in (left.items if left else [])) == 8
    assert await on_hand(database, product) == {store: 50 - sold}
    assert sum((await reserved(database, product)).values()) == 8 - sold
