"""The provider of money that moves outside (cash, a bank transfer, a card terminal): staff record it."""

from collections.abc import Mapping

from order_service.payments.payment import Payment, PaymentAnswer, Refund, RefundAnswer
from order_service.payments.provider import NotGenuine, Notice

MANUAL = "manual"


class ManualProvider:
    """Says yes to everything: the entry in the books is the whole of it, and staff answer for it."""

    name = MANUAL
    is_open_to_shoppers = False

    async def authorise(self, payment: Payment) -> PaymentAnswer:
        """Record that the money is there, or that it is promised."""
        return await self.capture(payment) if payment.captures else PaymentAnswer("AUTHORISED")

    async def capture(self, payment: Payment) -> PaymentAnswer:
        """Record that the money is there."""
        return PaymentAnswer("CAPTURED", captured_minor=payment.amount_minor)

    async def void(self, payment: Payment) -> PaymentAnswer:  # noqa: ARG002 - the provider's signature
        """Record that the money will not come."""
        return PaymentAnswer("VOIDED")

    async def refund(self, refund: Refund, payment: Payment) -> RefundAnswer:  # noqa: ARG002 - the provider's signature
        """Record that the money is handed back."""
        return RefundAnswer("SUCCEEDED")

    def read_notice(self, body: bytes, header_fields: Mapping[str, str]) -> Notice | None:  # noqa: ARG002 - the provider's signature
        """Refuse it: nobody sends notices of cash."""
        raise NotGenuine

    async def close(self) -> None:
        """Do nothing: nothing is open."""
