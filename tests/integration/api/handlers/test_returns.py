"""Returns over HTTP."""

import uuid
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers


@pytest.fixture
async def order(staff: Api, customer: Api, new_product: NewProduct) -> Any:
    """Two things for 25.00 each, paid in cash and shipped."""
    made = await customer.made(f"{V1}/orders", {"product_id": (await new_product())["id"], "quantity": 2})
    for status in ("paid", "shipped"):
        await staff.call("PATCH", f"{V1}/orders/{made['id']}", {"status": status})
    return made


async def test_goods_come_back_and_are_paid_back_once(staff: Api, customer: Api, order: Any) -> None:
    path, key = f"{V1}/orders/{order['id']}", {"Idempotency-Key": str(uuid.uuid4())}
    asked = {"lines": [{"line": 1, "quantity": 1}], "reason": "too small"}
    first, again = [await staff.post(f"{path}/returns", asked, key) for _ in range(2)]
    assert (first.status, first.body, again.headers["Idempotent-Replayed"]) == (201, again.body, "true")
    assert first.json["lines"] == [{"line": 1, "quantity": 1, "restocked": True}]
    assert [each["amount"] for each in first.json["refunds"]] == ["25.00"]
    seen = (await customer.get(path)).json
    assert (seen["status"], seen["refunded"], seen["returns"][0]["reason"]) == ("SHIPPED", "25.00", "too small")
    assert seen["refunds"][0]["return_id"] == first.json["id"]
    trail = (await staff.get(f"{V1}/admin/audit?subject=order:{order['id']}&action=order.return")).json
    assert [each["details"]["lines"][0]["quantity"] for each in trail["results"]] == [1]


async def test_too_much_faulty_or_by_others_is_refused(staff: Api, customer: Api, order: Any) -> None:
    path = f"{V1}/orders/{order['id']}/returns"
    (await staff.post(path, {"lines": [{"line": 1, "quantity": 3}]})).problem(409, "conflict")
    faulty = {"lines": [{"line": 0, "quantity": 1}, {"line": 1, "quantity": 0}], "amount": "x"}
    assert (await staff.post(path, faulty)).faulty_fields() == {"lines[0].line", "lines[1].quantity", "amount"}
    assert (await staff.post(path, {"lines": [{"line": 2, "quantity": 1}]})).faulty_fields() == {"lines[0].line"}
    (await customer.post(path, {"lines": [{"line": 1, "quantity": 1}]})).problem(403, "forbidden")
    gone = f"{V1}/orders/{uuid.uuid4()}/returns"
    (await staff.post(gone, {"lines": [{"line": 1, "quantity": 1}]})).problem(404, "not-found")
