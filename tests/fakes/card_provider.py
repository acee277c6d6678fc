"""A payment provider with books of its own, which can be slow, away, refuse, or lose its answers on the way."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from order_service.payments.payment import Payment, PaymentAnswer, Refund, RefundAnswer
from order_service.payments.provider import NotGenuine, Notice, ProviderAway

Mood = Literal["well", "away", "losing answers", "refusing"]


class CardProvider:
    """Does what is asked once per id of ours, as idempotency keys make a real provider do; `moved` is the money."""

    name = "cards"
    is_open_to_shoppers = True

    def __init__(self) -> None:
        self.mood: Mood = "well"
        self.asked: Counter[str] = Counter()
        self.moved: dict[str, int] = {}
        self.voided: set[str] = set()

    async def authorise(self, payment: Payment) -> PaymentAnswer:
        if self._refuses("authorise"):
            return PaymentAnswer("FAILED", f"ref-{payment.id}", failure="card declined")
        if payment.method == "needs_a_word":
            answer = PaymentAnswer("REQUIRES_ACTION", f"ref-{payment.id}", client_secret=f"secret-{payment.id}")
        else:
            answer = self._captured(payment) if payment.captures else PaymentAnswer("AUTHORISED", f"ref-{payment.id}")
        return self._told(answer)

    async def capture(self, payment: Payment) -> PaymentAnswer:
        if self._refuses("capture"):
            return PaymentAnswer("FAILED", failure="authorisation expired")
        return self._told(self._captured(payment))

    async def void(self, payment: Payment) -> PaymentAnswer:
        self._refuses("void")
        self.voided.add(str(payment.id))
        return self._told(PaymentAnswer("VOIDED"))

    async def refund(self, refund: Refund, payment: Payment) -> RefundAnswer:
        if self._refuses("refund"):
            return RefundAnswer("FAILED", failure="account closed")
        assert payment.status == "CAPTURED"
        self.moved[str(refund.id)] = -refund.amount_minor
        answer = RefundAnswer("SUCCEEDED", f"re-{refund.id}")
        if self.mood == "losing answers":
            raise ProviderAway
        return answer

    def read_notice(self, body: bytes, header_fields: Mapping[str, str]) -> Notice | None:  # noqa: ARG002 - the provider's signature
        raise NotGenuine

    async def close(self) -> None:
        pass

    @property
    def kept(self) -> int:
        """What it took and did not pay back."""
        return sum(self.moved.values())

    def _refuses(self, what: str) -> bool:
        self.asked[what] += 1
        if self.mood == "away":
            raise ProviderAway
        return self.mood == "refusing"

    def _captured(self, payment: Payment) -> PaymentAnswer:
        self.moved[str(payment.id)] = payment.amount_minor
        return PaymentAnswer("CAPTURED", f"ref-{payment.id}", payment.amount_minor)

    def _told(self, answer: PaymentAnswer) -> PaymentAnswer:
        if self.mood == "losing answers":
            raise ProviderAway
        return answer
