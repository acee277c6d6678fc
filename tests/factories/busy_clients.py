"""Clients who order, fill carts, check out, cancel, pay and pay back all at once, and note what they were answered.

Run in processes by `in_processes`; the answers are for whoever compares them with the database afterwards.
"""

import asyncio
import hashlib
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import text

from order_service.carts.cart import CartOwner
from order_service.carts.change_items import NewItem, add_item
from order_service.carts.expire_reservations import expire_reservations
from order_service.database.engine import Database, open_database
from order_service.errors import CartEmpty, CartShort, Conflict, IdempotencyInProgress, NotFound, ShortLine, Unavailable
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.change_money import MoneyChanged
from order_service.orders.money_plan import PaymentWanted
from order_service.orders.order import Order
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.stock.levels import LevelChange, set_level
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId, StoreId
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings
from tests.factories.carts import SETTINGS
from tests.factories.catalogue import STAFF
from tests.factories.till import Till

SHARED_KEYS = 40
"""Keys that every client of every process uses, each for one and the same order."""

EXPIRY_EVERY_S = 0.1

LET_LAPSE = text("""
WITH cart AS MATERIALIZED (
    SELECT id FROM carts WHERE session_digest = :session AND status = 'OPEN' FOR NO KEY UPDATE
)
UPDATE reservations r SET expires_at = now() FROM cart WHERE r.cart_id = cart.id
""")


class Busy(msgspec.Struct, frozen=True):
    """The clients of one process: so many for so long, in this store with these products."""

    url: str
    store_id: StoreId
    products: tuple[ProductId, ...]
    clients: int
    seconds: float
    seed: int


class Answer(msgspec.Struct, frozen=True):
    """What one request was answered, and when it began and ended (seconds since 1970).

    `said` is the status of the order or the class of error; `rows` are the payments and refunds that it was told of.
    """

    deed: str
    began: float
    ended: float
    said: str
    key: str | None = None
    order_id: str | None = None
    replayed: bool = False
    short: list[ShortLine] = []
    rows: list[str] = []


def be_busy(busy: Busy) -> list[Answer]:
    """Run every client to the end of its time, and give all answers."""
    return asyncio.run(_be_busy(busy))


async def _be_busy(busy: Busy) -> list[Answer]:
    database = open_database(DatabaseSettings(url=busy.url))
    placements = OrderPlacements(database, ShopSettings())
    clients = [Client(database, placements, busy, busy.seed * 1000 + number) for number in range(busy.clients)]
    over = asyncio.Event()
    expiry = asyncio.create_task(_expire_until(over, busy.url))
    await asyncio.gather(*(client.live() for client in clients))
    over.set()
    await expiry
    await placements.close()
    await database.close()
    return [answer for client in clients for answer in client.answers]


async def _expire_until(over: asyncio.Event, url: str) -> None:
    """Give back what has lapsed, as `aisle jobs` does: over connections of its own, and again after a failure."""
    database = open_database(DatabaseSettings(url=url))
    while not over.is_set():
        with suppress(Unavailable):
            await expire_reservations(database)
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), EXPIRY_EVERY_S)
    await database.close()


class Client:
    """One client; what it does next does not depend on anybody else."""

    def __init__(self, database: Database, placements: OrderPlacements, busy: Busy, seed: int) -> None:
        self.database, self.placements, self.busy = database, placements, busy
        self.till = Till(database)
        self.owner = CartOwner.of_session(str(uuid.uuid4()))
        self.draw = random.Random(seed)  # noqa: S311 - a test's dice, the same each time
        self.orders: list[Order] = []
        self.answers: list[Answer] = []

    async def live(self) -> None:
        deeds = [self.order, self.order_by_shared_key, self.fill_cart, self.fill_cart, self.check_out]
        deeds += [self.cancel, self.cancel, self.pay, self.pay_back, self.let_cart_lapse, self.deliver]
        end = time.monotonic() + self.busy.seconds
        while time.monotonic() < end:
            await self.draw.choice(deeds)()

    async def order(self) -> None:
        lines = tuple(LineRequest(each, self.draw.randint(1, 4)) for each in self.draw.sample(self.busy.products, 2))
        key = uuid.uuid4().hex
        request = PlacementRequest(lines, store_id=self.busy.store_id, idempotency=_bound(key, repr(lines)))
        await self.ask("order", lambda: self.placements.place(request), key)

    async def order_by_shared_key(self) -> None:
        number = self.draw.randrange(SHARED_KEYS)
        lines = (LineRequest(self.busy.products[number % len(self.busy.products)], 1 + number % 3),)
        key = f"shared {number}"
        request = PlacementRequest(lines, store_id=self.busy.store_id, idempotency=_bound(key, repr(lines)))
        await self.ask("order", lambda: self.placements.place(request), key)

    async def fill_cart(self) -> None:
        wanted = NewItem(self.draw.choice(self.busy.products), self.draw.randint(1, 3), self.busy.store_id)
        await self.ask("cart", lambda: add_item(self.database, self.owner, wanted, SETTINGS))

    async def check_out(self) -> None:
        key = uuid.uuid4().hex
        request = PlacementRequest((), cart=self.owner, idempotency=_bound(key, self.owner.name))
        await self.ask("checkout", lambda: self.placements.place(request), key)

    async def cancel(self) -> None:
        if self.orders:
            order = self.orders.pop(self.draw.randrange(len(self.orders)))
            await self.ask("cancel", lambda: self.till.move(order, "CANCELLED"))

    async def pay(self) -> None:
        if self.orders:
            order, wanted = self.draw.choice(self.orders), PaymentWanted("manual", self.draw.choice([None, 1000]))
            key = f"pay {order.id} {wanted.amount_minor}"
            await self.ask("pay", lambda: self.till.pay(order, wanted, key, is_staff=True), key)

    async def pay_back(self) -> None:
        if self.orders:
            order, amount = self.draw.choice(self.orders), self.draw.choice([None, 500, 1000])
            key = f"pay back {order.id} {amount}"
            await self.ask("pay back", lambda: self.till.refund(order, amount, key), key)

    async def let_cart_lapse(self) -> None:
        async def work(unit: UnitOfWork) -> None:
            await unit.connection.execute(LET_LAPSE, {"session": self.owner.session})

        await self.ask("lapse", lambda: in_unit_of_work(self.database, work))

    async def deliver(self) -> None:
        product, change = self.draw.choice(self.busy.products), LevelChange(adjust_by=self.draw.randint(1, 2))
        await self.ask("stock", lambda: set_level(self.database, self.busy.store_id, product, change, STAFF))

    async def ask(self, deed: str, do: Callable[[], Awaitable[Any]], key: str | None = None) -> None:
        """Do it and write down the answer; an error that no client should see ends the test."""
        began = time.time()
        try:
            got = await do()
        except CartShort as error:
            self.answers.append(Answer(deed, began, time.time(), "CartShort", key, short=error.lines))
        except (CartEmpty, Conflict, IdempotencyInProgress, NotFound, Unavailable) as error:
            self.answers.append(Answer(deed, began, time.time(), type(error).__name__, key))
        else:
            self.answers.append(_answer(Answer(deed, began, time.time(), "ok", key), got))
            if isinstance(got, Placed) and got.order.status == "CONFIRMED":
                self.orders.append(got.order)


def _bound(key: str, body: str) -> IdempotencyKey:
    return IdempotencyKey("busy clients", key, hashlib.sha256(body.encode()).digest())


def _answer(answer: Answer, got: object) -> Answer:
    """Enter what the client was told of."""
    told: dict[str, Any] = {}
    if isinstance(got, Placed):
        told = {"said": got.order.status, "order_id": str(got.order.id), "replayed": got.replayed, "short": got.short}
    elif isinstance(got, Order):
        told = {"said": got.status, "order_id": str(got.id)}
    elif isinstance(got, MoneyChanged):
        rows = [*(str(each.id) for each in got.payments), *(str(each.id) for each in got.refunds)]
        told = {"rows": rows, "replayed": got.replayed}
    return msgspec.structs.replace(answer, **told)
