"""Payments and refunds over HTTP."""

import uuid
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers

CASH = {"provider": "manual"}


@pytest.fixture
async def order(customer: Api, new_product: NewProduct) -> Any:
    """One thing for 25.00, bought by `customer`."""
    return await customer.made(f"{V1}/orders", {"product_id": (await new_product())["id"], "quantity": 1})


def path_of(order: Any, more: str) -> str:
    return f"{V1}/orders/{order['id']}{more}"


async def test_an_order_is_paid_and_paid_back(staff: Api, customer: Api, order: Any) -> None:
    paid = await staff.post(path_of(order, "/payments"), {**CASH, "amount": "25.00"})
    assert (paid.status, paid.json["status"], paid.json["captured"]) == (201, "CAPTURED", "25.00")
    back = await staff.post(path_of(order, "/refunds"), {"amount": "5.50", "reason": "scratched"})
    assert (back.status, back.json["amount"], back.json["refunds"][0]["status"]) == (201, "5.50", "SUCCEEDED")
    (await staff.post(path_of(order, "/refunds"), {"amount": "19.51"})).problem(409, "conflict")
    seen = (await customer.get(path_of(order, ""))).json
    assert (seen["status"], seen["captured"], seen["refunded"]) == ("PAID", "25.00", "5.50")
    assert [each["reason"] for each in seen["refunds"]] == ["scratched"]
    assert [each["refunded"] for each in seen["payments"]] == ["5.50"]


async def test_a_payment_is_authorised_then_captured_or_given_up(staff: Api, order: Any) -> None:
    made = [
        (await staff.post(path_of(order, "/payments"), {**CASH, "amount": amount, "capture": False})).json
        for amount in ("10.00", "15.00")
    ]
    assert [each["status"] for each in made] == ["AUTHORISED"] * 2
    captured = await staff.post(path_of(order, f"/payments/{made[0]['id']}/capture"), {})
    assert (captured.status, captured.json["captured"]) == (200, "10.00")
    voided = await staff.post(path_of(order, f"/payments/{made[1]['id']}/void"), {"reason": "mistake"})
    assert (voided.status, voided.json["status"]) == (200, "VOIDED")
    (await staff.post(path_of(order, f"/payments/{made[1]['id']}/capture"), {})).problem(409, "conflict")
    (await staff.post(path_of(order, f"/payments/{uuid.uuid4()}/void"), {})).problem(404, "not-found")


async def test_a_key_means_one_payment_and_one_refund(staff: Api, order: Any) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = [await staff.post(path_of(order, "/payments"), CASH, key) for _ in range(2)]
    assert (first.body, second.status) == (second.body, 201)
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    one, again = [await staff.post(path_of(order, "/refunds"), {"amount": "1.00"}, key) for _ in range(2)]
    assert one.body == again.body
    (await staff.post(path_of(order, "/refunds"), {"amount": "2.00"}, key)).problem(422, "idempotency-key-reused")


async def test_customers_pay_their_own_orders_and_refund_none(
    api: Api, customer: Api, join: Join, new_product: NewProduct, order: Any
) -> None:
    assert (await customer.post(path_of(order, "/payments"), CASH)).faulty_fields() == {"provider"}
    other, _ = await join("customer")
    (await other.post(path_of(order, "/payments"), CASH)).problem(404, "not-found")
    (await api.post(path_of(order, "/payments"), CASH)).problem(401, "not-authenticated")
    (await customer.post(path_of(order, "/refunds"), {})).problem(403, "forbidden")
    mine = await api.made(f"{V1}/orders", {"product_id": (await new_product())["id"], "quantity": 1})
    token = {"X-Order-Token": mine["order_token"]}
    assert (await api.post(path_of(mine, "/payments"), CASH, token)).faulty_fields() == {"provider"}


@pytest.mark.parametrize(
    ("what", "body", "fields"),
    [
        ("payments", {}, {"provider"}),
        ("payments", {**CASH, "amount": "0.00"}, {"amount"}),
        ("payments", {**CASH, "amount": "1.005", "x": 1}, {"amount", "x"}),
        ("payments", {"provider": "gold"}, {"provider"}),
        ("refunds", {"amount": -1, "payment_id": "x"}, {"amount", "payment_id"}),
    ],
)
async def test_faulty_bodies_are_refused_by_field(
    staff: Api, order: Any, what: str, body: dict[str, Any], fields: set[str]
) -> None:
    assert (await staff.post(path_of(order, f"/{what}"), body)).faulty_fields() == fields
