"""A shop in a few dictionaries: what stock, carts and money must come to, step by step; for tests of any history.

Each method does one thing that can happen, and names the answer: OK, the status of the order, or the class of error
(which changes nothing). It is written from the rules, not from the code.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

OK = "ok"
MOVES = {
    "CONFIRMED": {"PAID", "SHIPPED", "CANCELLED"},
    "PAID": {"SHIPPED", "CANCELLED", "REFUNDED"},
    "SHIPPED": {"DELIVERED", "REFUNDED"},
    "DELIVERED": {"REFUNDED"},
}
PAYABLE = {"CONFIRMED", "SHIPPED", "DELIVERED"}
RETURNABLE = {"PAID", "SHIPPED", "DELIVERED", "REFUNDED"}

Level = tuple[int, int]
"""Store and product."""


@dataclass
class Item:
    """So many of one product in a cart, the price its owner saw, and whether they are held."""

    quantity: int
    seen_price: int
    is_held: bool = False


@dataclass
class ModelCart:
    """An open cart; all that it holds is in its store."""

    store: int | None = None
    items: dict[int, Item] = field(default_factory=dict)
    is_overdue: bool = False

    def holds(self, level: Level) -> int:
        item = self.items.get(level[1])
        return item.quantity if item and item.is_held and self.store == level[0] else 0


@dataclass
class Line:
    """One line of an order."""

    product: int
    quantity: int
    price: int
    returned: int = 0


@dataclass
class ModelOrder:
    """An order with its money in minor units."""

    store: int
    lines: list[Line]
    status: str
    captured: int = 0
    refunded: int = 0

    @property
    def total(self) -> int:
        return sum(line.quantity * line.price for line in self.lines)

    @property
    def kept(self) -> int:
        return self.captured - self.refunded


class Checkout(NamedTuple):
    """The answer to a checkout or an order, with the order if one was recorded."""

    answer: str
    order: ModelOrder | None = None


class ShopModel:
    """Everything that the shop knows."""

    def __init__(self, on_hand: dict[Level, int], prices: dict[int, int]) -> None:
        self.on_hand = on_hand
        self.prices = prices
        self.carts: dict[str, ModelCart] = {}

    def reserved(self, level: Level) -> int:
        return sum(cart.holds(level) for cart in self.carts.values())

    def add(self, owner: str, store: int, product: int, quantity: int) -> str:
        cart = self.carts.get(owner, ModelCart())
        before = cart.items.get(product, Item(0, 0))
        wanted = Item(before.quantity + quantity, self.prices[product], before.is_held)
        return self._hold(owner, [cart], store, {**cart.items, product: wanted}, {product})

    def change(self, owner: str, product: int, quantity: int) -> str:
        cart = self.carts.get(owner)
        if cart is None or product not in cart.items:
            return "NotFound"
        wanted = Item(quantity, self.prices[product], cart.items[product].is_held)
        return self._hold(owner, [cart], cart.store, {**cart.items, product: wanted}, {product})

    def remove(self, owner: str, product: int) -> str:
        cart = self.carts.get(owner)
        if cart is None or product not in cart.items:
            return "NotFound"
        left = {each: item for each, item in cart.items.items() if each != product}
        return self._hold(owner, [cart], cart.store, left, set())

    def clear(self, owner: str) -> str:
        if owner in self.carts:
            self.carts[owner] = ModelCart()
        return OK

    def abandon(self, owner: str) -> str:
        self.carts.pop(owner, None)
        return OK

    def merge(self, user: str, guest: str) -> str:
        merged = self.carts.get(guest)
        if merged is None:
            return "NotFound"
        kept = self.carts.get(user, ModelCart())
        items = {product: replace(item, is_held=False) for product, item in merged.items.items()}
        for product, item in kept.items.items():
            also = items[product].quantity if product in items else 0
            items[product] = replace(item, quantity=item.quantity + also)
        store = merged.store if kept.store is None else kept.store
        answer = self._hold(user, [kept, merged], store, items, set(items))
        if answer == OK:
            del self.carts[guest]
        return answer

    def let_time_pass(self, owner: str) -> None:
        if owner in self.carts:
            self.carts[owner].is_overdue = True

    def expire(self) -> None:
        for cart in self.carts.values():
            if cart.is_overdue:
                cart.items = {product: replace(item, is_held=False) for product, item in cart.items.items()}
                cart.is_overdue = False

    def check_out(self, owner: str, *, accepts_prices: bool) -> Checkout:
        cart = self.carts.get(owner)
        if cart is None or cart.store is None or not cart.items:
            return Checkout("CartEmpty")
        if not accepts_prices and any(item.seen_price != self.prices[each] for each, item in cart.items.items()):
            return Checkout("PricesChanged")
        lines = {product: item.quantity for product, item in cart.items.items()}
        sold = self._sell(cart.store, lines, [cart])
        if sold.answer == "CONFIRMED":
            del self.carts[owner]
        return sold

    def order(self, store: int, lines: dict[int, int]) -> Checkout:
        return self._sell(store, lines, [])

    def set_stock(self, level: Level, on_hand: int) -> str:
        if on_hand < 0:
            return "InvalidInput"
        if on_hand < self.reserved(level):
            return "StockBelowReserved"
        self.on_hand[level] = on_hand
        return OK

    def move(self, order: ModelOrder, wanted: str) -> str:
        if wanted not in MOVES.get(order.status, set()):
            return "ForbiddenMove"
        order.status = wanted
        if wanted == "PAID":
            order.captured += max(0, order.total - order.kept)
        if wanted in {"CANCELLED", "REFUNDED"}:
            order.refunded = order.captured
        if wanted == "CANCELLED":
            for line in order.lines:
                self.on_hand[order.store, line.product] += line.quantity - line.returned
        return OK

    @staticmethod
    def pay(order: ModelOrder, amount: int | None) -> str:
        left = order.total - order.kept
        amount = left if amount is None else amount
        if order.status not in PAYABLE or not 0 < amount <= left:
            return "Conflict"
        order.captured += amount
        if order.status == "CONFIRMED" and order.kept == order.total:
            order.status = "PAID"
        return OK

    @staticmethod
    def refund(order: ModelOrder, amount: int | None) -> str:
        amount = order.kept if amount is None else amount
        if not 0 < amount <= order.kept:
            return "Conflict"
        order.refunded += amount
        if not order.kept and order.captured >= order.total and order.status in RETURNABLE:
            order.status = "REFUNDED"
        return OK

    def take_back(self, order: ModelOrder, number: int, quantity: int, *, restocked: bool) -> str:
        line = order.lines[number - 1]
        if order.status not in RETURNABLE or quantity > line.quantity - line.returned:
            return "Conflict"
        line.returned += quantity
        if restocked:
            self.on_hand[order.store, line.product] += quantity
        self.refund(order, min(quantity * line.price, order.kept))
        return OK

    def _free(self, level: Level, own: list[ModelCart]) -> int:
        return self.on_hand[level] - self.reserved(level) + sum(cart.holds(level) for cart in own)

    def _hold(
        self, owner: str, carts: list[ModelCart], store: int | None, items: dict[int, Item], required: set[int]
    ) -> str:
        serves = {
            product: store is not None and self._free((store, product), carts) >= item.quantity
            for product, item in items.items()
        }
        if any(not serves[product] and (product in required or item.is_held) for product, item in items.items()):
            return "CartShort"
        held = {product: replace(item, is_held=serves[product]) for product, item in items.items()}
        self.carts[owner] = ModelCart(store, held)
        return OK

    def _sell(self, store: int, lines: dict[int, int], own: list[ModelCart]) -> Checkout:
        is_short = any(self._free((store, product), own) < quantity for product, quantity in lines.items())
        sold = [Line(product, quantity, self.prices[product]) for product, quantity in lines.items()]
        if is_short:
            return Checkout("REJECTED", ModelOrder(store, sold, "REJECTED"))
        for line in sold:
            self.on_hand[store, line.product] -= line.quantity
        return Checkout("CONFIRMED", ModelOrder(store, sold, "CONFIRMED"))
