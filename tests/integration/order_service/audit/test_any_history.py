"""Whatever happens to a shop in whatever order: stock and money are what a model says, and every invariant holds.

Hypothesis draws the histories: carts, orders, payments, refunds, returns, stock takes, expiries and jumps of the clock
(what ends is moved into the past), with keys used once, twice, and for something else.
"""

import os
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from order_service.audit.verify_tables import verify_tables
from order_service.carts.cart import CartOwner
from order_service.carts.change_items import remove_item, set_quantity
from order_service.carts.close_cart import abandon_cart, clear_cart
from order_service.carts.expire_reservations import abandon_stale_carts, expire_reservations
from order_service.carts.merge_carts import merge_guest_cart
from order_service.carts.read_cart import read_open_cart
from order_service.errors import NotFound, OrderServiceError
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.money_plan import PaymentWanted
from order_service.orders.order import Order
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.stock.levels import LevelChange, set_level
from schemas.ids import CartItemId, ProductId, StoreId
from tests.factories.blocking_shop import BlockingShop
from tests.factories.carts import SETTINGS, guest, put
from tests.factories.catalogue import STAFF, a_category, a_product, a_store
from tests.factories.ledger import rows
from tests.factories.shop_model import OK, Checkout, ModelOrder, ShopModel

pytestmark = [pytest.mark.servers, pytest.mark.full]

EXAMPLES, STEPS = (300, 60) if os.environ.get("AISLE_FULL") else (30, 40)
CARTS = ("add", "change", "take_out", "clear", "abandon", "merge", "check_out", "reprice")
CARTS_AND_CLOCK = (*CARTS, "let_reservations_end", "expire", "let_a_day_pass")  # left out, more happens to the money

LEVELS = "SELECT store_id, product_id, on_hand, reserved FROM stock_levels WHERE product_id = ANY(:products)"
MONEY = """
SELECT o.id, o.status, o.total_minor, CAST(coalesce(sum(p.captured_minor), 0) AS bigint),
       CAST(coalesce(sum(p.refunded_minor), 0) AS bigint)
FROM orders o LEFT JOIN payments p ON p.order_id = o.id WHERE o.id = ANY(:orders) GROUP BY o.id
"""
LET_RESERVATIONS_END = "UPDATE reservations SET expires_at = now() WHERE cart_id = ANY(:carts)"
LET_KEYS_END = "UPDATE idempotency_keys SET expires_at = now() - interval '1 s'"
LET_CARTS_GROW_OLD = "UPDATE carts SET active_at = active_at - interval '1 day'"
REPRICE = "UPDATE products SET price_minor = :price WHERE id = :product"

few = st.integers(0, 1)
owners = st.integers(0, 2)
pieces = st.integers(1, 4)
keys = st.none() | st.integers(0, 3)
latest = st.integers(0, 1)
amounts = st.none() | st.sampled_from([100, 1000, 2500, 5000])


class History(RuleBasedStateMachine):
    """One shop from its first day; every rule is done for real and in the model, and both answers agree."""

    shop: ClassVar[BlockingShop]

    @initialize(on_hand=st.lists(st.integers(0, 9), min_size=4, max_size=4))
    def open_the_shop(self, on_hand: list[int]) -> None:
        run, database = self.shop.run, self.shop.database
        run(abandon_cart(database, CartOwner(user_id=self.shop.customer)))
        self.stores: list[StoreId] = [run(a_store(database)).id for _ in range(2)]
        category = run(a_category(database)).id
        self.products: list[ProductId] = []
        self.model = ShopModel({}, {})
        for price, has in ((1000, on_hand[:2]), (1001, on_hand[2:])):
            stock = dict(zip(self.stores, has, strict=True))
            product = run(a_product(database, stock, category=category, price_minor=price)).id
            self.products.append(product)
            self.model.prices[product] = price
            self.model.on_hand |= {(store, product): pieces for store, pieces in stock.items()}
        self.owners = [CartOwner(user_id=self.shop.customer), guest(), guest()]
        self.orders: list[tuple[Order, ModelOrder]] = []
        self.answers: dict[str, tuple[str, Any]] = {}
        self.prefix = uuid.uuid4().hex

    @rule(who=owners, store=few, product=few, quantity=pieces)
    def add(self, who: int, store: int, product: int, quantity: int) -> None:
        owner, shelf, what = self.owners[who], self.stores[store], self.products[product]
        self.agree(
            self.model.add(owner.name, shelf, what, quantity),
            put(self.shop.database, owner, what, quantity, store_id=shelf),
        )

    @rule(who=owners, product=few, quantity=pieces)
    def change(self, who: int, product: int, quantity: int) -> None:
        owner, what = self.owners[who], self.products[product]
        expected = self.model.change(owner.name, what, quantity)
        database = self.shop.database
        self.agree(expected, set_quantity(database, owner, self.item(owner, what), quantity, SETTINGS))

    @rule(who=owners, product=few)
    def take_out(self, who: int, product: int) -> None:
        owner, what = self.owners[who], self.products[product]
        expected = self.model.remove(owner.name, what)
        self.agree(expected, remove_item(self.shop.database, owner, self.item(owner, what), SETTINGS))

    @rule(who=owners)
    def clear(self, who: int) -> None:
        owner = self.owners[who]
        self.agree(self.model.clear(owner.name), clear_cart(self.shop.database, owner))

    @rule(who=owners)
    def abandon(self, who: int) -> None:
        owner = self.owners[who]
        self.agree(self.model.abandon(owner.name), abandon_cart(self.shop.database, owner))

    @rule(who=st.integers(1, 2))
    def merge(self, who: int) -> None:
        user, other = self.owners[0], self.owners[who]
        expected = self.model.merge(user.name, other.name)
        self.agree(expected, merge_guest_cart(self.shop.database, self.shop.customer, other, SETTINGS))

    @rule(who=owners, key=keys, accepts=st.booleans())
    def check_out(self, who: int, key: int | None, accepts: bool) -> None:  # noqa: FBT001 - Hypothesis gives it by name
        owner = self.owners[who]
        request = PlacementRequest((), cart=owner, user_id=owner.user_id, accept_price_changes=accepts)
        self.place(request, key, lambda: self.model.check_out(owner.name, accepts_prices=accepts))

    @rule(store=few, quantities=st.lists(pieces, min_size=1, max_size=2), key=keys)
    def order(self, store: int, quantities: list[int], key: int | None) -> None:
        wanted: dict[ProductId, int] = dict(zip(self.products, quantities, strict=False))
        lines = tuple(LineRequest(product, quantity) for product, quantity in wanted.items())
        request = PlacementRequest(lines, store_id=self.stores[store], email="guest@example.com")
        self.place(request, key, lambda: self.model.order(self.stores[store], dict(wanted.items())))

    @precondition(lambda self: self.orders)
    @rule(which=latest, wanted=st.sampled_from(["PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"]))
    def move(self, which: int, wanted: str) -> None:
        order, ours = self.orders[-1 - which % len(self.orders)]
        self.agree(self.model.move(ours, wanted), self.shop.till.move(order, wanted))

    @precondition(lambda self: self.orders)
    @rule(which=latest, amount=amounts, key=keys)
    def pay(self, which: int, amount: int | None, key: int | None) -> None:
        order, ours = self.orders[-1 - which % len(self.orders)]
        wanted = PaymentWanted("manual", amount)
        name, expected = self.once(f"pay {order.id}", key, amount, lambda: self.model.pay(ours, amount))
        self.agree(expected, self.shop.till.pay(order, wanted, name, is_staff=True))

    @precondition(lambda self: self.orders)
    @rule(which=latest, amount=amounts, key=keys, by_hand=st.booleans())
    def refund(self, which: int, amount: int | None, key: int | None, by_hand: bool) -> None:  # noqa: FBT001 - likewise
        order, ours = self.orders[-1 - which % len(self.orders)]
        asked = amount, by_hand
        name, expected = self.once(f"refund {order.id}", key, asked, lambda: self.model.refund(ours, amount))
        self.agree(expected, self.shop.till.refund(order, amount, name, by_hand=by_hand))

    @precondition(lambda self: self.orders)
    @rule(which=latest, line=few, quantity=pieces, restocked=st.booleans(), key=keys)
    def take_back(self, which: int, line: int, quantity: int, restocked: bool, key: int | None) -> None:  # noqa: FBT001 - likewise
        order, ours = self.orders[-1 - which % len(self.orders)]
        number = 1 + line % len(order.lines)
        asked = number, quantity, restocked
        name, expected = self.once(
            f"return {order.id}", key, asked, lambda: self.model.take_back(ours, number, quantity, restocked=restocked)
        )
        self.agree(expected, self.shop.till.take_back(order, (number, quantity, restocked), key=name))

    @rule(store=few, product=few, pieces=st.integers(-6, 6), sets=st.booleans())
    def take_stock(self, store: int, product: int, pieces: int, sets: bool) -> None:  # noqa: FBT001 - likewise
        level = self.stores[store], self.products[product]
        change = LevelChange(on_hand=abs(pieces)) if sets else LevelChange(adjust_by=pieces)
        expected = self.model.set_stock(level, abs(pieces) if sets else self.model.on_hand[level] + pieces)
        self.agree(expected, set_level(self.shop.database, *level, change, STAFF))

    @rule(product=few, price=st.integers(1000, 1002))
    def reprice(self, product: int, price: int) -> None:
        self.model.prices[self.products[product]] = price
        self.shop.write(REPRICE, product=self.products[product], price=price)

    @rule(who=owners)
    def let_reservations_end(self, who: int) -> None:
        cart = self.shop.run(read_open_cart(self.shop.database, self.owners[who]))
        self.model.let_time_pass(self.owners[who].name)
        self.shop.write(LET_RESERVATIONS_END, carts=[] if cart is None else [cart.id])

    @rule()
    def expire(self) -> None:
        self.model.expire()
        self.shop.run(expire_reservations(self.shop.database))

    @rule()
    def let_a_day_pass(self) -> None:
        for owner in self.owners:
            self.model.abandon(owner.name)
        self.answers.clear()
        self.shop.write(LET_KEYS_END)
        self.shop.write(LET_CARTS_GROW_OLD)
        self.shop.run(abandon_stale_carts(self.shop.database, SETTINGS.abandon_minutes))

    @invariant()
    def stock_is_what_the_model_says(self) -> None:
        if hasattr(self, "model"):
            found = self.shop.run(rows(self.shop.database, LEVELS, products=self.products))
            assert {(store, product): counts for store, product, *counts in found} == {
                level: [has, self.model.reserved(level)] for level, has in self.model.on_hand.items()
            }

    @invariant()
    def money_is_what_the_model_says(self) -> None:
        if getattr(self, "orders", None):
            found = self.shop.run(rows(self.shop.database, MONEY, orders=[order.id for order, _ in self.orders]))
            assert {order: columns for order, *columns in found} == {
                order.id: [ours.status, ours.total, ours.captured, ours.refunded] for order, ours in self.orders
            }

    def teardown(self) -> None:
        self.shop.run(expire_reservations(self.shop.database))
        assert self.shop.run(verify_tables(self.shop.database)) == []

    def item(self, owner: CartOwner, product: ProductId) -> CartItemId:
        cart = self.shop.run(read_open_cart(self.shop.database, owner))
        found = [item.id for item in cart.items if item.product_id == product] if cart else []
        return found[0] if found else CartItemId(0)

    def agree(self, expected: str, deed: Coroutine[Any, Any, Any]) -> None:
        assert self.answer(deed)[0] == expected

    def answer(self, deed: Coroutine[Any, Any, Any]) -> tuple[str, Any]:
        try:
            return OK, self.shop.run(deed)
        except NotFound:
            return "NotFound", None
        except OrderServiceError as error:
            return type(error).__name__, None

    def once(self, what: str, key: int | None, asked: object, do: Callable[[], Any]) -> tuple[str | None, Any]:
        """Name the key and give what the model answers: the first time what it does, later that again."""
        if key is None:
            return None, do()
        name = f"{self.prefix} {what} {key}"
        if name not in self.answers:
            self.answers[name] = repr(asked), do()
        body, answer = self.answers[name]
        return name, answer if body == repr(asked) else "IdempotencyKeyReused"

    def place(self, request: PlacementRequest, key: int | None, do: Callable[[], Checkout]) -> None:
        scope = f"place for {request.cart.name if request.cart else 'nobody'}"
        before = len(self.answers)
        name, expected = self.once(scope, key, request, do)
        is_replay = name is not None and len(self.answers) == before
        if name is not None:
            claimed = IdempotencyKey(scope, name, repr(request).encode())
            request = msgspec.structs.replace(request, idempotency=claimed)
        said, placed = self.answer(self.shop.placements.place(request))
        if expected == "IdempotencyKeyReused":
            assert said == expected
            return
        self.note(expected, said, placed, is_replay=is_replay)

    def note(self, expected: Checkout, said: str, placed: Placed | None, *, is_replay: bool) -> None:
        assert expected.answer == (placed.order.status if placed else said)
        if placed is None or expected.order is None:
            return
        assert placed.replayed == is_replay
        known = [order.id for order, ours in self.orders if ours is expected.order]
        if is_replay:
            assert known == [placed.order.id]
        else:
            self.orders.append((placed.order, expected.order))


@pytest.fixture
def shop(own_url: str) -> Iterator[BlockingShop]:
    opened = BlockingShop(own_url)
    yield opened
    opened.close()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("left_out", [(), CARTS_AND_CLOCK], ids=["everything", "orders and money"])
def test_any_history_leaves_stock_and_money_as_the_model_says(shop: BlockingShop, left_out: tuple[str, ...]) -> None:
    machine = type("AnyHistory", (History,), {"shop": shop, **dict.fromkeys(left_out)})
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
