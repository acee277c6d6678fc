"""A payment provider with books of its own, which can be slow, away, refuse, or lose its answers on the way.

Like a real one it keeps the first answer to each of our idempotency keys, and gives it again whatever has changed.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from order_service.payments.payment import Payment, PaymentAnswer, Refund, RefundAnswer
from order_service.payments.provider import NotGenuine, Notice, ProviderAway
from schemas.ids import PaymentId, RefundId

Mood = Literal["well", "away", "losing answers", "refusing"]
Answer = TypeVar("Answer", PaymentAnswer, RefundAnswer)
Key = TypeVar("Key", PaymentId, RefundId)


class CardProvider:
    """`moved` is the money, by the id of our row; `asked` counts the calls."""

    name = "cards"
    is_open_to_shoppers = True

    def __init__(self) -> None:
        self.mood: Mood = "well"
        self.asked: Counter[str] = Counter()
        self.moved: dict[PaymentId | RefundId, int] = {}
        self.voided: set[PaymentId] = set()
        self._payments: dict[tuple[str, PaymentId], PaymentAnswer] = {}
        self._refunds: dict[tuple[str, RefundId], RefundAnswer] = {}

    async def authorise(self, payment: Payment) -> PaymentAnswer:
        if payment.reference and payment.id in self.moved:
            return self._captured(payment)

        def act() -> PaymentAnswer:
            if self.mood == "refusing":
                return PaymentAnswer("FAILED", f"ref-{payment.id}", failure="card declined")
            if payment.method == "needs_a_word":
                return PaymentAnswer("REQUIRES_ACTION", f"ref-{payment.id}", client_secret=f"secret-{payment.id}")
            return self._captured(payment) if payment.captures else PaymentAnswer("AUTHORISED", f"ref-{payment.id}")

        return self._once(self._payments, ("authorise", payment.id), act)

    async def capture(self, payment: Payment) -> PaymentAnswer:
        def act() -> PaymentAnswer:
            if self.mood == "refusing":
                return PaymentAnswer("FAILED", failure="authorisation expired")
            return self._captured(payment)

        return self._once(self._payments, ("capture", payment.id), act)

    async def void(self, payment: Payment) -> PaymentAnswer:
        def act() -> PaymentAnswer:
            if payment.id in self.moved:
                return self._captured(payment)
            self.voided.add(payment.id)
            return PaymentAnswer("VOIDED")

        return self._once(self._payments, ("void", payment.id), act)

    async def refund(self, refund: Refund, payment: Payment) -> RefundAnswer:
        def act() -> RefundAnswer:
            if self.mood == "refusing":
                return RefundAnswer("FAILED", failure="account closed")
            assert payment.id in self.moved
            self.moved[refund.id] = -refund.amount_minor
            return RefundAnswer("SUCCEEDED", f"re-{refund.id}")

        return self._once(self._refunds, ("refund", refund.id), act)

    def read_notice(self, body: bytes, header_fields: Mapping[str, str]) -> Notice | None:  # noqa: ARG002 - the provider's signature
        raise NotGenuine

    async def close(self) -> None:
        pass

    @property
    def kept(self) -> int:
        """What it took and did not pay back."""
        return sum(self.moved.values())

    def _once(self, answers: dict[tuple[str, Key], Answer], key: tuple[str, Key], act: Callable[[], Answer]) -> Answer:
        self.asked[key[0]] += 1
        if self.mood == "away":
            raise ProviderAway
        if key not in answers:
            answers[key] = act()
        if self.mood == "losing answers":
            raise ProviderAway
        return answers[key]

    def _captured(self, payment: Payment) -> PaymentAnswer:
        self.moved[payment.id] = payment.amount_minor
        return PaymentAnswer("CAPTURED", f"ref-{payment.id}", payment.amount_minor)
