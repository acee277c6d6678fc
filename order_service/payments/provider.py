"""What every payment provider does, and what it may raise; `manual_provider` and `stripe_provider` are two of them.

Each call carries the id of our row, from which the provider makes its idempotency key: asking again, after an answer
was lost or after a crash, gives the first answer and moves no more money.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from order_service.payments.payment import Payment, PaymentAnswer, Refund, RefundAnswer
from schemas.ids import PaymentId, RefundId


class ProviderAway(Exception):
    """No answer, or none that says what became of the call: it may or may not have happened. Ask again later."""


class NotGenuine(Exception):
    """A notice whose signature is missing, wrong or too old."""


class PaymentNotice(msgspec.Struct, frozen=True):
    """A provider tells of a payment of ours."""

    payment_id: PaymentId
    answer: PaymentAnswer


class RefundNotice(msgspec.Struct, frozen=True):
    """A provider tells of a refund; one made at the provider itself has no `refund_id` and names its payment."""

    answer: RefundAnswer
    refund_id: RefundId | None = None
    payment_reference: str | None = None
    amount_minor: int = 0


Notice = PaymentNotice | RefundNotice


class Provider(Protocol):
    """Moves money. Calls block for network I/O, commit nothing here, and raise ProviderAway."""

    @property
    def name(self) -> str:
        """Its name in rows, bodies and paths."""
        ...

    @property
    def is_open_to_shoppers(self) -> bool:
        """Whether anybody but staff may pay by it."""
        ...

    async def authorise(self, payment: Payment) -> PaymentAnswer:
        """Ask for the amount, captured at once if `payment.captures`; of one with a reference tell how it stands."""
        ...

    async def capture(self, payment: Payment) -> PaymentAnswer:
        """Capture the whole of an authorised payment."""
        ...

    async def void(self, payment: Payment) -> PaymentAnswer:
        """Give an authorised or unfinished payment up; CAPTURED is the answer when it is too late for that."""
        ...

    async def refund(self, refund: Refund, payment: Payment) -> RefundAnswer:
        """Pay back that part of a captured payment."""
        ...

    def read_notice(self, body: bytes, header_fields: Mapping[str, str]) -> Notice | None:
        """Verify and read a webhook's body; None for what does not concern us. Raises NotGenuine."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
