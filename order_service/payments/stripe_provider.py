"""The provider over Stripe's public REST API: payment intents and refunds, each call under an idempotency key of ours.

Sources: docs.stripe.com/api (payment_intents, refunds, idempotent_requests, errors). `stripe_answers` reads what comes.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import structlog

from order_service.payments.payment import Payment, PaymentAnswer, Refund, RefundAnswer
from order_service.payments.provider import Notice, ProviderAway
from order_service.payments.stripe_answers import (
    PAYMENT_MARK,
    REFUND_MARK,
    payment_answer,
    refund_answer,
    stripe_amount,
)
from order_service.payments.stripe_notices import read_notice
from schemas.shop_settings import StripeSettings

TIMEOUT_S = 15.0

ASK_AGAIN_FOR = timedelta(minutes=10)
"""A payment is created again under its key for as long; later nobody waits for it, and it is only looked for."""

KEYS_KEPT_FOR = timedelta(hours=20)
"""Stripe keeps keys for at least 24 h; a refund that is older is looked for instead of asked for again."""

TRY_LATER = frozenset({409, 429})
"""The first request with the key is still running; too many requests."""

WRONG_KEY = frozenset({401, 403})
SERVER_ERROR = 500

log = structlog.get_logger()

Fields = dict[str, str]


class StripeRefused(Exception):
    """Stripe said no, and that nothing happened; `intent` is the payment as it stands, where Stripe tells it."""

    def __init__(self, message: str, intent: Mapping[str, Any] | None) -> None:
        super().__init__(message)
        self.message = message
        self.intent = intent


class StripeProvider:
    """One account at Stripe; share one per event loop, and `close` it at the end."""

    name = "stripe"
    is_open_to_shoppers = True

    def __init__(self, settings: StripeSettings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def authorise(self, payment: Payment) -> PaymentAnswer:
        """Create a payment intent, confirmed at once if the shopper's means of payment is known; or find it."""
        if payment.reference:
            return payment_answer(await self._get(f"payment_intents/{payment.reference}"), payment)
        if _age(payment.created_at) > ASK_AGAIN_FOR:
            return await self._found(payment)
        try:
            intent = await self._post("payment_intents", _intent_fields(payment), f"{payment.id}:authorise")
        except StripeRefused as refusal:
            reference = refusal.intent["id"] if refusal.intent else None
            return PaymentAnswer("FAILED", reference, failure=refusal.message)
        return payment_answer(intent, payment)

    async def capture(self, payment: Payment) -> PaymentAnswer:
        """Capture the intent."""
        return await self._change(payment, "capture")

    async def void(self, payment: Payment) -> PaymentAnswer:
        """Cancel the intent."""
        return await self._change(payment, "cancel")

    async def refund(self, refund: Refund, payment: Payment) -> RefundAnswer:
        """Make the refund; or find it, once it is known or too old for its key."""
        if refund.reference:
            return refund_answer(await self._get(f"refunds/{refund.reference}"))
        if _age(refund.created_at) > KEYS_KEPT_FOR:
            made = await self._get("refunds", {"payment_intent": payment.reference or "", "limit": "100"})
            for each in made["data"]:
                if each["metadata"].get(REFUND_MARK) == str(refund.id):
                    return refund_answer(each)
        try:
            return refund_answer(await self._post("refunds", _refund_fields(refund, payment), f"{refund.id}:refund"))
        except StripeRefused as refusal:
            return RefundAnswer("FAILED", failure=refusal.message)

    def read_notice(self, body: bytes, header_fields: Mapping[str, str]) -> Notice | None:
        """Verify and read a webhook's body; raises NotGenuine, also when no webhook secret is set."""
        return read_notice(body, header_fields, self._settings.webhook_secret, datetime.now(UTC))

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _found(self, payment: Payment) -> PaymentAnswer:
        """Look for a payment that was asked for long ago. One that turns up later still comes as a notice."""
        query = {"query": f"metadata['{PAYMENT_MARK}']:'{payment.id}'"}
        for intent in (await self._get("payment_intents/search", query))["data"]:
            if intent["metadata"].get(PAYMENT_MARK) == str(payment.id):
                return payment_answer(intent, payment)
        return PaymentAnswer("FAILED", failure="it never reached Stripe")

    async def _change(self, payment: Payment, what: str) -> PaymentAnswer:
        path = f"payment_intents/{payment.reference}"
        try:
            intent = await self._post(f"{path}/{what}", {}, f"{payment.id}:{what}")
        except StripeRefused as refusal:
            intent = refusal.intent or await self._get(path)
        answer = payment_answer(intent, payment)
        if answer.status in {"AUTHORISED", "REQUIRES_ACTION"}:  # neither done nor impossible: it is tried again
            raise ProviderAway(f"still {answer.status} after {what}")
        return answer

    async def _post(self, path: str, fields: Fields, key: str) -> Any:
        return await self._call("POST", path, {"data": fields, "headers": {"Idempotency-Key": f"aisle-{key}"}})

    async def _get(self, path: str, query: Fields | None = None) -> Any:
        try:
            return await self._call("GET", path, {"params": query or {}})
        except StripeRefused as refusal:
            raise ProviderAway(f"{path}: {refusal.message}") from refusal

    async def _call(self, method: str, path: str, options: dict[str, Any]) -> Any:
        """Send one request; raises StripeRefused when it surely did nothing, ProviderAway when that is not known."""
        try:
            async with self._opened().request(method, f"{self._settings.api_base}/v1/{path}", **options) as answered:
                status, body = answered.status, await answered.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            raise ProviderAway(f"{path}: {error!r}") from error
        if status < 400:  # noqa: PLR2004 - where HTTP's errors begin
            return body
        told = body.get("error", {}) if isinstance(body, dict) else {}
        log.warning("stripe_refused", path=path, status=status, kind=told.get("type"), code=told.get("code"))
        if status in TRY_LATER or status >= SERVER_ERROR or (status in WRONG_KEY and path != "payment_intents"):
            raise ProviderAway(f"{path}: {status}")
        raise StripeRefused(_message(status, told), told.get("payment_intent"))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._settings.secret_key}"},
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            )
        return self._session


def _message(status: int, error: Mapping[str, Any]) -> str:
    """Give Stripe's words, which are meant for the shopper when a card was declined; never the key's part in it."""
    if status in WRONG_KEY:
        return "Stripe does not take the key of this shop"
    return str(error.get("message") or "refused")[:500]


def _age(created_at: datetime) -> timedelta:
    return datetime.now(UTC) - created_at


def _intent_fields(payment: Payment) -> Fields:
    fields = {
        "amount": str(stripe_amount(payment.amount_minor, payment.currency)),
        "currency": payment.currency.lower(),
        "capture_method": "automatic" if payment.captures else "manual",
        "automatic_payment_methods[enabled]": "true",
        f"metadata[{PAYMENT_MARK}]": str(payment.id),
        "metadata[aisle_order]": str(payment.order_id),
    }
    if payment.method:
        at_once = {"payment_method": payment.method, "confirm": "true"}
        return {**fields, **at_once, "automatic_payment_methods[allow_redirects]": "never"}
    return fields


def _refund_fields(refund: Refund, payment: Payment) -> Fields:
    return {
        "payment_intent": payment.reference or "",
        "amount": str(stripe_amount(refund.amount_minor, refund.currency)),
        f"metadata[{REFUND_MARK}]": str(refund.id),
    }
