"""`/orders/{order_id}/payments` and `/refunds`: money of an order that comes in and goes back."""

from typing import Any, ClassVar
from uuid import UUID

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.handlers.orders import shown_order
from api.problems import REPLAYED, ProviderRefused
from api.rate_limits.scopes import ORDERS
from api.reading.idempotency_keys import HEADER as IDEMPOTENCY_KEY
from api.reading.idempotency_keys import idempotency_key, owner_of, read_key
from api.rendering.payments import payment_body, refunds_body
from api.routing import Route
from order_service.actor import Actor
from order_service.audit.trail import Deed
from order_service.errors import FieldFault, InvalidInput
from order_service.orders.change_money import Asked, MoneyChanged
from order_service.orders.money_plan import PaymentWanted, RefundWanted
from order_service.orders.order_changes import Change
from order_service.orders.pay_order import capture_payment, pay_order, refund_order, void_payment
from order_service.orders.take_notice import take_notice
from order_service.payments.payment import Payment, Refund
from order_service.payments.provider import NotGenuine
from schemas.http_api.payments import NoticeTaken, PaymentChangeRequest, PaymentRequest, RefundRequest
from schemas.ids import OrderId, PaymentId
from schemas.money import to_minor_units


class _Named(msgspec.Struct, frozen=True):
    """What a capture or a void means."""

    payment_id: str


class MoneyHandler(ApiHandler):
    """What the routes of an order's money have in common."""

    def asked(self, order_id: str, meant: Any, action: str, reason: str = "") -> Asked:
        """Say which order, by whom, and under which key; `meant` is what the body means, `action` names the deed."""
        key = read_key(self.request.headers.get(IDEMPOTENCY_KEY))
        owner = owner_of(self.principal, None, f"order:{order_id.lower()}")
        route = f"{self.request.method} {self.request.path.rstrip('/').lower()}"
        return Asked(
            OrderId(UUID(order_id)),
            Change(self._actor_name(), reason, self.request_id),
            idempotency_key(key, owner, route, meant),
            self._deed(order_id, meant, action, reason),
        )

    def _deed(self, order_id: str, meant: Any, action: str, reason: str) -> tuple[Actor, Deed] | None:
        if self.principal is None or not self.principal.is_staff:
            return None
        details = msgspec.to_builtins(meant)
        return self.actor, Deed(action=action, subject=f"order:{order_id.lower()}", details=details, reason=reason)

    def _actor_name(self) -> str:
        if self.principal is None:
            return "guest"
        return f"{'staff' if self.principal.is_staff else 'user'}:{self.principal.user_id}"

    def minor_units(self, amount: str | None) -> int | None:
        """Read an amount of the body, which was checked with it."""
        return None if amount is None else to_minor_units(amount, self.currency)

    def answer_money(self, changed: MoneyChanged, body: Any, status: int = 201) -> None:
        """Answer so, or 202 while a provider owes its answer; raises ProviderRefused when it refused everything."""
        rows: list[Payment | Refund] = [*changed.payments, *changed.refunds]
        if rows and all(row.status == "FAILED" for row in rows):
            raise ProviderRefused([str(row.id) for row in rows], rows[0].failure, changed.replayed)
        if changed.replayed:
            self.set_header(REPLAYED, "true")
        self.answer(body, 202 if changed.is_under_way else status)


class Payments(MoneyHandler):
    """Where an order is paid."""

    rules: ClassVar = {"POST": Rule(Access.ANYONE, (ORDERS,))}

    async def post(self, order_id: str) -> None:
        """Authorise a payment, and capture it unless told otherwise."""
        await shown_order(self, order_id)
        body = self.body(PaymentRequest)
        dependencies = self.dependencies
        wanted = PaymentWanted(body.provider, self.minor_units(body.amount), body.capture, body.payment_method)
        changed = await pay_order(
            dependencies.database,
            dependencies.providers,
            self.asked(order_id, wanted, "order.pay"),
            wanted,
            is_staff=self.principal is not None and self.principal.is_staff,
        )
        self.answer_money(changed, payment_body(changed.payments[0], with_secret=True))


class PaymentCapture(MoneyHandler):
    """Where an authorised payment is captured."""

    rules: ClassVar = {"POST": Rule(Access.STAFF, (ORDERS,))}

    async def post(self, order_id: str, payment_id: str) -> None:
        """Capture it as a whole."""
        body = self.body(PaymentChangeRequest)
        asked = self.asked(order_id, _Named(payment_id.lower()), "order.capture", body.reason)
        payment = PaymentId(UUID(payment_id))
        changed = await capture_payment(self.dependencies.database, self.dependencies.providers, asked, payment)
        self.answer_money(changed, payment_body(changed.payments[0]), 200)


class PaymentVoid(MoneyHandler):
    """Where a payment that is not captured is given up."""

    rules: ClassVar = {"POST": Rule(Access.STAFF, (ORDERS,))}

    async def post(self, order_id: str, payment_id: str) -> None:
        """Give it up."""
        body = self.body(PaymentChangeRequest)
        asked = self.asked(order_id, _Named(payment_id.lower()), "order.void", body.reason)
        payment = PaymentId(UUID(payment_id))
        changed = await void_payment(self.dependencies.database, self.dependencies.providers, asked, payment)
        self.answer_money(changed, payment_body(changed.payments[0]), 200)


class Refunds(MoneyHandler):
    """Where money of an order is paid back."""

    rules: ClassVar = {"POST": Rule(Access.STAFF, (ORDERS,))}

    async def post(self, order_id: str) -> None:
        """Pay back in part or whole, never above what was captured."""
        body = self.body(RefundRequest)
        wanted = RefundWanted(
            self.minor_units(body.amount),
            body.reason,
            body.by_hand,
            PaymentId(UUID(body.payment_id)) if body.payment_id else None,
        )
        asked = self.asked(order_id, wanted, "order.refund", body.reason)
        changed = await refund_order(self.dependencies.database, self.dependencies.providers, asked, wanted)
        self.answer_money(changed, refunds_body(changed.refunds))


class PaymentNotices(ApiHandler):
    """Where payment providers tell what became of payments and refunds; their signature is all they show."""

    rules: ClassVar = {"POST": Rule(Access.ANYONE)}
    is_counted = False

    async def post(self, provider: str) -> None:
        """Take one notice; whatever is genuine is answered with 200, so that it is not sent again."""
        providers = self.dependencies.providers
        try:
            notice = providers[provider].read_notice(self.request.body, self.request.headers)
        except NotGenuine as error:
            raise InvalidInput([FieldFault("signature", "is missing, wrong or too old")]) from error
        if notice is not None:
            await take_notice(self.dependencies.database, providers, provider, notice, self.request_id)
        self.answer(NoticeTaken(received=True))


ROUTES = [
    Route("/api/v1/payments/{provider}/webhook", PaymentNotices),
    Route("/api/v1/orders/{order_id}/payments", Payments),
    Route("/api/v1/orders/{order_id}/payments/{payment_id}/capture", PaymentCapture),
    Route("/api/v1/orders/{order_id}/payments/{payment_id}/void", PaymentVoid),
    Route("/api/v1/orders/{order_id}/refunds", Refunds),
]
