"""The use cases of an order's money over one fake card provider."""

import hashlib
from typing import Any

from order_service.database.engine import Database
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.change_money import Asked, MoneyChanged
from order_service.orders.money_plan import PaymentWanted, RefundWanted
from order_service.orders.move_order import Move, Mover, move_and_settle
from order_service.orders.order import Order, ReturnedLine
from order_service.orders.order_changes import Change
from order_service.orders.pay_order import pay_order, refund_order
from order_service.orders.read_orders import read_order
from order_service.orders.return_goods import ReturnWanted, return_goods
from order_service.orders.settle_money import settle_order
from order_service.payments.manual_provider import ManualProvider
from order_service.payments.providers import Providers
from schemas.ids import UserId
from tests.fakes.card_provider import CardProvider

CHANGE = Change("staff:1", "because", "request-1")
STAFF = Mover(UserId(1), is_staff=True)
CARDS = PaymentWanted("cards")


class Till:
    """Pays, pays back and takes back as the API would."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.cards = CardProvider()
        self.providers = Providers([ManualProvider(), self.cards])

    async def pay(
        self, order: Order, wanted: PaymentWanted = CARDS, key: str | None = None, *, is_staff: bool = False
    ) -> MoneyChanged:
        """Pay by card, all of it unless told otherwise."""
        asked = Asked(order.id, CHANGE, key_of(key, wanted))
        return await pay_order(self.database, self.providers, asked, wanted, is_staff=is_staff)

    async def refund(
        self, order: Order, amount: int | None = None, key: str | None = None, **more: Any
    ) -> MoneyChanged:
        """Pay back, all of it unless told otherwise."""
        wanted = RefundWanted(amount, **more)
        return await refund_order(self.database, self.providers, Asked(order.id, CHANGE, key_of(key, wanted)), wanted)

    async def take_back(
        self, order: Order, *lines: tuple[int, int, bool], key: str | None = None, **more: Any
    ) -> MoneyChanged:
        """Take back (line number, quantity, on the shelf or not)."""
        wanted = ReturnWanted(tuple(ReturnedLine(*line) for line in lines), "because", **more)
        return await return_goods(self.database, self.providers, Asked(order.id, CHANGE, key_of(key, wanted)), wanted)

    async def move(self, order: Order, wanted: str) -> Order:
        """Move the order as staff."""
        return await move_and_settle(
            self.database, self.providers, order.id, Move(wanted, "because"), STAFF, payment_required=False
        )

    async def settle(self, order: Order) -> Order:
        """Ask the provider for everything in flight."""
        return await settle_order(self.database, self.providers, order.id, CHANGE)

    async def look(self, order: Order) -> Order:
        """Read the order."""
        return await read_order(self.database, order.id)


def key_of(key: str | None, wanted: Any) -> IdempotencyKey | None:
    """Bind a key to what is asked."""
    if key is None:
        return None
    return IdempotencyKey("test", key, hashlib.sha256(repr(wanted).encode()).digest())
