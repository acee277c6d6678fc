"""Payments by Stripe over HTTP: asked of the official mock server, decided by signed notices."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.factories.processes import free_port
from tests.factories.stripe_mock import running_stripe_mock, stripe_signature
from tests.integration.api.conftest import V1, Answer, Api, NewProduct, Serve

pytestmark = pytest.mark.servers

SECRET = "whsec_of_a_test"  # noqa: S105 - a test's
WEBHOOK = f"{V1}/payments/stripe/webhook"


@pytest.fixture(scope="module")
def mock_address() -> Iterator[str]:
    with running_stripe_mock() as address:
        yield address


@pytest.fixture(scope="module")
async def shop(serve: Serve, mock_address: str) -> Api:
    """An API with an account at the mock server."""
    account = {"STRIPE_SECRET_KEY": "sk_test_123", "STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_BASE": mock_address}
    return await serve(account)


@pytest.fixture
async def buyer(shop: Api, customer: Api) -> Api:
    """The customer, at that API."""
    return replace(shop, headers=customer.headers)


@pytest.fixture
async def order(buyer: Api, new_product: NewProduct) -> Any:
    """One thing for 25.00."""
    return await buyer.made(f"{V1}/orders", {"product_id": (await new_product())["id"], "quantity": 1})


async def notify(shop: Api, **subject: Any) -> Answer:
    body = json.dumps({"type": "any", "data": {"object": subject}}).encode()
    return await shop.call("POST", WEBHOOK, body, stripe_signature(body, SECRET))


def succeeded(payment: Any) -> dict[str, Any]:
    return {
        "object": "payment_intent",
        "id": payment["reference"],
        "status": "succeeded",
        "currency": "usd",
        "amount_received": 2500,
        "metadata": {"aisle_payment": payment["id"]},
    }


async def test_a_shopper_confirms_and_the_notice_makes_the_order_paid(shop: Api, buyer: Api, order: Any) -> None:
    payment = await buyer.made(f"{V1}/orders/{order['id']}/payments", {"provider": "stripe"})
    assert payment["status"] == "REQUIRES_ACTION"
    assert payment["client_secret"]
    for _ in range(3):
        assert (await notify(shop, **succeeded(payment))).json == {"received": True}
    seen = (await buyer.get(f"{V1}/orders/{order['id']}")).json
    assert ([each["to_status"] for each in seen["history"]], seen["captured"]) == (["CONFIRMED", "PAID"], "25.00")
    assert "client_secret" not in seen["payments"][0]


async def test_a_refund_made_at_stripe_is_recorded_once(shop: Api, buyer: Api, order: Any) -> None:
    payment = await buyer.made(f"{V1}/orders/{order['id']}/payments", {"provider": "stripe"})
    await notify(shop, **succeeded(payment))
    refund = {
        "object": "refund",
        "id": f"re_{uuid.uuid4().hex}",
        "payment_intent": payment["reference"],
        "currency": "usd",
    }
    for _ in range(2):
        await notify(shop, **refund, status="succeeded", amount=600)
    await notify(shop, **{**refund, "id": "re_too_much"}, status="succeeded", amount=1901)
    seen = (await buyer.get(f"{V1}/orders/{order['id']}")).json
    assert ([each["amount"] for each in seen["refunds"]], seen["refunded"]) == (["6.00"], "6.00")
    await notify(shop, **refund, status="failed", amount=600)
    seen = (await buyer.get(f"{V1}/orders/{order['id']}")).json
    assert ([each["status"] for each in seen["refunds"]], seen["refunded"]) == (["FAILED"], "0.00")


async def test_money_for_a_cancelled_order_is_asked_back_from_stripe(shop: Api, buyer: Api, order: Any) -> None:
    path = f"{V1}/orders/{order['id']}"
    payment = await buyer.made(f"{path}/payments", {"provider": "stripe"})
    assert (await buyer.call("PATCH", path, {"status": "cancelled"})).json["status"] == "CANCELLED"
    await notify(shop, **succeeded(payment))
    seen = (await buyer.get(path)).json
    assert (seen["status"], seen["captured"], seen["refunded"]) == ("CANCELLED", "25.00", "25.00")


async def test_notices_that_are_forged_or_about_others_change_nothing(
    shop: Api, api: Api, buyer: Api, order: Any
) -> None:
    payment = await buyer.made(f"{V1}/orders/{order['id']}/payments", {"provider": "stripe"})
    body = json.dumps({"data": {"object": succeeded(payment)}}).encode()
    for header_fields in ({}, stripe_signature(body, "another"), stripe_signature(body + b" ", SECRET)):
        assert (await shop.call("POST", WEBHOOK, body, header_fields)).faulty_fields() == {"signature"}
    (await api.call("POST", WEBHOOK, body, stripe_signature(body, SECRET))).problem(404, "not-found")
    assert (await shop.call("POST", f"{V1}/payments/manual/webhook", body)).faulty_fields() == {"signature"}
    for stranger in (succeeded({**payment, "id": str(uuid.uuid4())}), {"object": "refund", "payment_intent": "pi_x"}):
        assert (await notify(shop, **stranger)).status == 200
    assert (await buyer.get(f"{V1}/orders/{order['id']}")).json["status"] == "CONFIRMED"


async def test_a_card_that_does_not_work_is_a_problem_with_the_payment_on_record(buyer: Api, order: Any) -> None:
    path, key = f"{V1}/orders/{order['id']}/payments", {"Idempotency-Key": str(uuid.uuid4())}
    asked = {"provider": "stripe", "payment_method": "pm_card_chargeDeclined"}
    first, again = [(await buyer.post(path, asked, key)) for _ in range(2)]
    refused = first.problem(402, "provider-refused")
    assert refused["reason"]
    assert (again.problem(402, "provider-refused")["ids"], again.headers["Idempotent-Replayed"]) == (
        refused["ids"],
        "true",
    )
    assert [each["status"] for each in (await buyer.get(f"{V1}/orders/{order['id']}")).json["payments"]] == ["FAILED"]


async def test_a_provider_that_is_away_leaves_a_payment_pending(serve: Serve, buyer: Api, order: Any) -> None:
    nobody = {"STRIPE_SECRET_KEY": "sk_test_123", "STRIPE_API_BASE": f"http://127.0.0.1:{free_port()}"}
    cut_off = replace(await serve(nobody), headers=buyer.headers)
    path, key = f"{V1}/orders/{order['id']}/payments", {"Idempotency-Key": str(uuid.uuid4())}
    pending = await cut_off.post(path, {"provider": "stripe"}, key)
    assert (pending.status, pending.json["status"]) == (202, "PENDING")
    found = await buyer.post(path, {"provider": "stripe"}, key)
    assert (found.status, found.json["id"], found.json["status"]) == (201, pending.json["id"], "REQUIRES_ACTION")
