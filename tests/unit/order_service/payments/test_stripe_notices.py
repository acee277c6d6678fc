"""Stripe's webhooks: only what Stripe signed lately is read, and only what is about a row of ours."""

import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.payments.payment import PaymentAnswer, RefundAnswer
from order_service.payments.provider import NotGenuine, PaymentNotice, RefundNotice
from order_service.payments.stripe_answers import our_amount, payment_answer, refund_answer, stripe_amount
from order_service.payments.stripe_notices import HEADER, read_notice, verify
from schemas.ids import PaymentId, RefundId
from schemas.money import CURRENCY_EXPONENTS
from tests.factories.payments import a_payment

SECRET = "whsec_test"  # noqa: S105 - a test's
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def signed(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    moment = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest},v0=ignored"


def event(**subject: Any) -> bytes:
    return json.dumps({"type": "any", "data": {"object": subject}}).encode()


def read(body: bytes) -> Any:
    return read_notice(body, {HEADER: signed(body)}, SECRET, NOW)


def test_a_signature_of_the_secret_and_the_time_is_genuine_also_beside_others() -> None:
    verify(b"{}", signed(b"{}"), SECRET, NOW)
    verify(b"{}", "v1=00," + signed(b"{}"), SECRET, NOW)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "v1=00",
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1=00",
        f"t={int(NOW.timestamp())},v1=é",
        "t=" + "9" * 5000 + ",v1=00",
        signed(b"{}", secret="another"),  # noqa: S106 - a test's
        signed(b"{ }"),
        signed(b"{}", NOW - timedelta(seconds=301)),
        signed(b"{}", NOW + timedelta(seconds=301)),
    ],
)
def test_anything_else_is_not(signature: str) -> None:
    with pytest.raises(NotGenuine):
        verify(b"{}", signature, SECRET, NOW)


def test_without_a_secret_nothing_is_genuine() -> None:
    with pytest.raises(NotGenuine):
        verify(b"{}", signed(b"{}", secret=""), "", NOW)


def test_an_intent_with_our_mark_is_a_notice() -> None:
    mark = PaymentId(uuid.uuid4())
    body = event(
        object="payment_intent", id="pi_1", status="succeeded", currency="usd", amount_received=500,
        metadata={"aisle_payment": str(mark)},
    )  # fmt: skip
    assert read(body) == PaymentNotice(mark, PaymentAnswer("CAPTURED", "pi_1", 500))


def test_a_refund_is_a_notice_with_our_mark_and_without() -> None:
    mark = RefundId(uuid.uuid4())
    made: dict[str, Any] = {
        "object": "refund",
        "id": "re_1",
        "status": "succeeded",
        "currency": "usd",
        "amount": 5,
        "payment_intent": "pi",
    }
    done = RefundAnswer("SUCCEEDED", "re_1")
    assert read(event(**made)) == RefundNotice(done, None, "pi", 5)
    assert read(event(**made, metadata={"aisle_refund": str(mark)})) == RefundNotice(done, mark, "pi", 5)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_genuine_events_about_anything_else_are_no_notice(subject: Any) -> None:
    for form in (subject, {"data": subject}, {"data": {"object": subject}}):
        assert read(json.dumps(form).encode()) is None


@pytest.mark.parametrize(
    "subject",
    [
        {"object": "payment_intent", "status": "succeeded", "metadata": {"aisle_payment": "no id"}},
        {"object": "payment_intent", "status": "succeeded", "metadata": {}},
        {"object": "refund", "payment_intent": None, "metadata": None},
        {"object": "refund", "payment_intent": "pi", "amount": "x"},
    ],
)
def test_events_of_another_form_are_no_notice(subject: dict[str, Any]) -> None:
    assert read(event(**subject)) is None


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        ("requires_payment_method", "", "REQUIRES_ACTION"),
        ("requires_payment_method", "pm_1", "FAILED"),
        ("requires_action", "pm_1", "REQUIRES_ACTION"),
        ("processing", "", "PENDING"),
        ("requires_capture", "", "AUTHORISED"),
        ("canceled", "", "VOIDED"),
        ("succeeded", "pm_1", "CAPTURED"),
        ("invented tomorrow", "", "PENDING"),
    ],
)
def test_each_status_of_an_intent_has_its_meaning(status: str, method: str, expected: str) -> None:
    intent = {"id": "pi", "status": status, "currency": "usd", "amount_received": 1, "client_secret": "s"}
    answer = payment_answer(intent, a_payment(method=method))
    assert (answer.status, answer.client_secret) == (expected, "s" if expected == "REQUIRES_ACTION" else None)


def test_a_refund_that_failed_says_why() -> None:
    refund = {"id": "re", "status": "failed", "failure_reason": "expired_or_canceled_card"}
    assert refund_answer(refund) == RefundAnswer("FAILED", "re", "expired_or_canceled_card")


@given(st.integers(0, 10**9), st.sampled_from(sorted(CURRENCY_EXPONENTS)))
def test_amounts_come_back_as_they_were(minor_units: int, currency: str) -> None:
    assert our_amount(stripe_amount(minor_units, currency), currency) == minor_units


def test_two_currencies_without_decimals_are_sent_in_hundredths() -> None:
    assert [stripe_amount(5, currency) for currency in ("USD", "JPY", "ISK", "UGX")] == [5, 5, 500, 500]
