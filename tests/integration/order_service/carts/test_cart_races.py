"""Shoppers, buyers, the expiry and staff at once on few products: nothing is lost, doubled or deadlocked."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from order_service.actor import Actor
from order_service.audit.verify_tables import verify_tables
from order_service.carts.cart import CartOwner
from order_service.carts.change_items import remove_item, set_quantity
from order_service.carts.close_cart import abandon_cart, clear_cart
from order_service.carts.expire_reservations import expire_reservations
from order_service.carts.merge_carts import merge_guest_cart
from order_service.carts.read_cart import read_open_cart
from order_service.carts.support_carts import abandon_for
from order_service.database.engine import Database
from order_service.errors import CartEmpty, CartShort, Conflict, InvalidInput, NotFound
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import ProductId
from schemas.shop_settings import ShopSettings
from tests.factories.carts import SETTINGS, guest, put, reserved
from tests.factories.ledger import rows
from tests.integration.order_service.conftest import NewBuyer, NewStore, Stocked

pytestmark = [pytest.mark.servers, pytest.mark.full]

STEPS = 400 if os.environ.get("AISLE_FULL") else 25
SHOPPERS = 10
REFUSALS = (CartShort, CartEmpty, Conflict, NotFound, InvalidInput)
"""What a shopper may be told; anything else fails the test."""

LET_TIME_PASS = text("UPDATE reservations SET expires_at = now() WHERE cart_id = :cart")
SOLD = """
SELECT coalesce(sum(l.quantity), 0) FROM order_lines l JOIN orders o ON o.id = l.order_id
WHERE o.status = 'CONFIRMED' AND l.product_id = :p
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

Act = Callable[[], Awaitable[object]]


class Shopper:
    """One customer or guest who does random things to their cart, which others find too."""

    def __init__(
        self, database: Database, placements: OrderPlacements, owner: CartOwner, products: list[ProductId], seed: int
    ) -> None:
        self.database, self.placements, self.owner, self.products = database, placements, owner, products
        self.random = random.Random(seed)  # noqa: S311 - a test's dice, the same each time

    async def live(self, others: list["Shopper"]) -> None:
        for _ in range(STEPS):
            deeds: list[Act] = [self.add, self.add, self.change, self.take_out, self.check_out, self.buy, self.lapse]
            deeds += [self.clear, self.give_up, self.get_help, lambda: self.merge(self.random.choice(others))]
            try:
                await self.random.choice(deeds)()
            except REFUSALS:
                continue

    async def add(self) -> None:
        await put(self.database, self.owner, self.random.choice(self.products), self.random.randint(1, 3))

    async def change(self) -> None:
        cart = await read_open_cart(self.database, self.owner)
        if cart and cart.items:
            item = self.random.choice(cart.items)
            await set_quantity(self.database, self.owner, item.id, self.random.randint(1, 4), SETTINGS)

    async def take_out(self) -> None:
        cart = await read_open_cart(self.database, self.owner)
        if cart and cart.items:
            await remove_item(self.database, self.owner, self.random.choice(cart.items).id, SETTINGS)

    async def check_out(self) -> None:
        await self.placements.place(PlacementRequest((), cart=self.owner, user_id=self.owner.user_id))

    async def buy(self) -> None:
        lines = tuple(LineRequest(product, 1) for product in self.random.sample(self.products, 2))
        await self.placements.place(PlacementRequest(lines))

    async def lapse(self) -> None:
        cart = await read_open_cart(self.database, self.owner)
        if cart:
            async with self.database.writes.begin() as connection:
                await connection.execute(LET_TIME_PASS, {"cart": cart.id})
            await expire_reservations(self.database)

    async def clear(self) -> None:
        await clear_cart(self.database, self.owner)

    async def give_up(self) -> None:
        await abandon_cart(self.database, self.owner)

    async def get_help(self) -> None:
        cart = await read_open_cart(self.database, self.owner)
        if cart and cart.id:
            await abandon_for(self.database, cart.id, Actor("user:1"))

    async def merge(self, other: "Shopper") -> None:
        if self.owner.user_id and other.owner.session:
            await merge_guest_cart(self.database, self.owner.user_id, other.owner, SETTINGS)


async def test_whatever_shoppers_do_at_once_every_piece_is_in_one_place(
    database: Database, shop: ShopSettings, new_store: NewStore, stocked: Stocked, new_buyer: NewBuyer
) -> None:
    first, second = await new_store(), await new_store()
    products = [await stocked({first: 200, second: 200}) for _ in range(4)]
    owners = [CartOwner(user_id=await new_buyer()) if each % 2 else guest() for each in range(SHOPPERS)]
    placements = OrderPlacements(database, shop)
    shoppers = [Shopper(database, placements, owner, products, seed) for seed, owner in enumerate(owners)]
    deadlocks = await rows(database, DEADLOCKS)
    await asyncio.gather(*(shopper.live(shoppers) for shopper in shoppers))
    await placements.close()
    for product in products:
        await reserved(database, product)
        [[left]] = await rows(database, "SELECT sum(on_hand) FROM stock_levels WHERE product_id = :p", p=product)
        [[sold]] = await rows(database, SOLD, p=product)
        assert left + sold == 400
    ours = {str(product) for product in products}
    broken = [each for each in await verify_tables(database) if str(each.row.get("product_id")) in ours]
    assert broken == []
    assert await rows(database, DEADLOCKS) == deadlocks
