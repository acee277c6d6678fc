"""The Stripe provider against Stripe's official mock server, which checks every request, and against one that fails.

The mock's objects are canned: an intent is always one without a means of payment, a refund has always succeeded.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from order_service.payments.payment import PaymentAnswer
from order_service.payments.provider import ProviderAway
from order_service.payments.stripe_provider import StripeProvider
from schemas.shop_settings import StripeSettings
from tests.factories.payments import a_payment, a_refund
from tests.factories.processes import free_port
from tests.factories.stripe_mock import running_stripe_mock

LONG_AGO = datetime.now(UTC) - timedelta(days=2)
CARD = {"method": "pm_card_visa"}


@pytest.fixture(scope="module")
def mock_address() -> Iterator[str]:
    with running_stripe_mock() as address:
        yield address


@pytest.fixture
async def stripe(mock_address: str) -> AsyncIterator[StripeProvider]:
    provider = StripeProvider(StripeSettings(secret_key="sk_test_123", api_base=mock_address))  # noqa: S106 - the mock's
    yield provider
    await provider.close()


async def test_stripe_takes_the_intent_of_a_shopper_who_confirms_on_our_page(stripe: StripeProvider) -> None:
    answer = await stripe.authorise(a_payment(captures=False))
    assert answer.status == "REQUIRES_ACTION"
    assert answer.reference
    assert answer.client_secret


async def test_stripe_takes_an_intent_that_is_confirmed_at_once(stripe: StripeProvider) -> None:
    answer = await stripe.authorise(a_payment(**CARD))
    assert (answer.status, answer.client_secret) == ("FAILED", None)
    assert answer.reference


async def test_stripe_takes_captures_and_cancels(stripe: StripeProvider) -> None:
    payment = a_payment(reference="pi_123", **CARD)
    assert (await stripe.capture(payment)).status == "FAILED"
    assert (await stripe.void(payment)).status == "FAILED"


async def test_stripe_takes_a_refund_and_tells_of_it_again(stripe: StripeProvider) -> None:
    payment = a_payment(reference="pi_123", status="CAPTURED", captured_minor=1000)
    made = await stripe.refund(a_refund(payment), payment)
    assert made.status == "SUCCEEDED"
    found = await stripe.refund(a_refund(payment, reference=made.reference), payment)
    assert found.status == "SUCCEEDED"
    late = await stripe.refund(a_refund(payment, created_at=LONG_AGO), payment)
    assert late.status == "SUCCEEDED"


async def test_what_was_asked_for_long_ago_is_looked_for_and_not_asked_for_again(stripe: StripeProvider) -> None:
    gone = await stripe.authorise(a_payment(created_at=LONG_AGO, **CARD))
    assert gone == PaymentAnswer("FAILED", failure="it never reached Stripe")
    known = await stripe.authorise(a_payment(created_at=LONG_AGO, reference="pi_123"))
    assert known.status == "REQUIRES_ACTION"


class Scripted:
    """A server that gives one answer, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body: Any = {}
        self.keys: list[str | None] = []
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        self.asked.append(f"{request.method} {request.path}")
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def scripted() -> AsyncIterator[tuple[Scripted, StripeProvider]]:
    script = Scripted()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    provider = StripeProvider(StripeSettings(secret_key="sk_test_123", api_base=f"http://{host}:{port}"))  # noqa: S106 - a test's
    yield script, provider
    await provider.close()
    await runner.cleanup()


def intent(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "currency": "usd",
        "amount_received": 1000,
        **more,
    }


@pytest.mark.parametrize("status", [409, 429, 500, 503])
async def test_an_answer_that_leaves_it_open_is_no_answer(
    scripted: tuple[Scripted, StripeProvider], status: int
) -> None:
    script, stripe = scripted
    script.status, script.body = status, {"error": {"type": "api_error"}}
    payment = a_payment(**CARD)
    for ask in (stripe.authorise(payment), stripe.refund(a_refund(payment), payment), stripe.capture(payment)):
        with pytest.raises(ProviderAway):
            await ask


async def test_asking_again_uses_the_same_key_and_every_row_has_its_own(
    scripted: tuple[Scripted, StripeProvider],
) -> None:
    script, stripe = scripted
    script.body = intent("succeeded")
    one, other = a_payment(**CARD), a_payment(**CARD)
    for payment in (one, one, other):
        assert await stripe.authorise(payment) == PaymentAnswer("CAPTURED", "pi_1", 1000)
    assert script.keys == [f"aisle-{one.id}:authorise"] * 2 + [f"aisle-{other.id}:authorise"]


async def test_a_declined_card_is_told_in_stripes_words(scripted: tuple[Scripted, StripeProvider]) -> None:
    script, stripe = scripted
    script.status = 402
    error = {
        "type": "card_error",
        "message": "Your card was declined.",
        "payment_intent": intent("requires_payment_method"),
    }
    script.body = {"error": error}
    answer = await stripe.authorise(a_payment(**CARD))
    assert answer == PaymentAnswer("FAILED", "pi_1", failure="Your card was declined.")


async def test_a_wrong_key_fails_a_new_payment_and_nothing_that_is_on_its_way(
    scripted: tuple[Scripted, StripeProvider],
) -> None:
    script, stripe = scripted
    script.status, script.body = 401, {"error": {"message": "Invalid API Key provided: sk_test_*123"}}
    answer = await stripe.authorise(a_payment(**CARD))
    assert (answer.status, answer.failure) == ("FAILED", "Stripe does not take the key of this shop")
    payment = a_payment(reference="pi_1", status="CAPTURED", captured_minor=1000)
    with pytest.raises(ProviderAway):
        await stripe.refund(a_refund(payment), payment)


@pytest.mark.parametrize(
    ("stands_at", "expected"), [("succeeded", "CAPTURED"), ("canceled", "VOIDED"), ("requires_capture", None)]
)
async def test_a_change_that_comes_too_late_tells_how_the_payment_stands(
    scripted: tuple[Scripted, StripeProvider], stands_at: str, expected: str | None
) -> None:
    script, stripe = scripted
    script.status = 400
    script.body = {"error": {"code": "payment_intent_unexpected_state", "payment_intent": intent(stands_at)}}
    asked = stripe.void(a_payment(status="VOIDING", reference="pi_1"))
    if expected is None:
        with pytest.raises(ProviderAway):
            await asked
    else:
        assert (await asked).status == expected


async def test_nobody_there_is_no_answer() -> None:
    stripe = StripeProvider(StripeSettings(secret_key="sk", api_base=f"http://127.0.0.1:{free_port()}"))  # noqa: S106 - a test's
    try:
        with pytest.raises(ProviderAway):
            await asyncio.wait_for(stripe.authorise(a_payment()), 10)
    finally:
        await stripe.close()
