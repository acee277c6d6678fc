"""Discount codes over HTTP."""

import uuid
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers

DISCOUNTS = f"{V1}/discounts"


def a_code() -> str:
    return f"c-{uuid.uuid4().hex[:12]}"


async def test_a_code_is_made_used_changed_and_stays(
    staff: Api, customer: Api, store_id: int, new_product: NewProduct
) -> None:
    code, product = a_code(), await new_product(price="10.00")
    made = await staff.post(DISCOUNTS, {"code": code, "percent": "12.5", "max_uses_per_customer": 1})
    path = f"{DISCOUNTS}/{made.json['id']}"
    assert (made.status, made.headers["Location"], made.json["code"]) == (201, path, code.upper())
    assert (made.json["percent"], made.json["amount"], made.json["uses"]) == ("12.5", None, 0)
    body = {"product_id": product["id"], "quantity": 1, "store_id": store_id, "discount_code": code}
    order = await customer.made(f"{V1}/orders", body)
    assert (order["discount"], order["total"], order["discount_code"]) == ("1.25", "8.75", code.upper())
    assert order["items"][0]["discount"] == "1.25"
    assert (await customer.post(f"{V1}/orders", body)).faulty_fields() == {"discount_code"}
    assert (await staff.get(f"{DISCOUNTS}?code={code}")).json["results"][0]["uses"] == 1
    changed = await staff.call("PATCH", path, {"amount": "3", "max_uses_per_customer": None, "is_active": False})
    assert (changed.json["amount"], changed.json["percent"]) == ("3.00", None)
    assert changed.json["max_uses_per_customer"] is None
    assert (await customer.post(f"{V1}/orders", body)).faulty_fields() == {"discount_code"}
    (await staff.call("DELETE", path)).problem(409, "still-referenced")
    assert (await staff.get(path)).json == changed.json


async def test_a_code_never_used_is_deleted(staff: Api) -> None:
    made = await staff.made(DISCOUNTS, {"code": a_code(), "amount": "5.00"})
    path = f"{DISCOUNTS}/{made['id']}"
    assert (await staff.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {})):
        (await staff.call(method, path, body)).problem(404, "not-found")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"code"}),
        ({"code": "no code"}, {"code", "percent"}),
        ({"code": "c", "percent": "5", "amount": "5"}, {"percent"}),
        (
            {"code": "c", "percent": "101", "amount": "0", "max_uses_per_customer": 0},
            {"percent", "amount", "max_uses_per_customer"},
        ),
        ({"code": "c", "percent": "5", "product_ids": []}, {"product_ids"}),
        ({"code": "c", "percent": "5", "product_ids": [10**12]}, {"product_ids[0]"}),
        ({"code": "c", "percent": "5", "valid_from": "2026-01-02T00:00:00"}, {"valid_from"}),
        ({"code": "c", "percent": "5", "valid_until": "9999-12-31T23:59:59-14:00"}, {"valid_until"}),
        ({"code": "c", "percent": "5", "valid_from": "0001-01-01T00:00:00+14:00"}, {"valid_from"}),
        (
            {"code": "c", "percent": "5", "valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-02T00:00:00Z"},
            {"valid_until"},
        ),
    ],
)
async def test_faulty_codes_are_refused_by_field(staff: Api, body: dict[str, Any], fields: set[str]) -> None:
    assert (await staff.post(DISCOUNTS, body)).faulty_fields() == fields


async def test_a_code_is_taken_once_and_seen_by_staff_only(staff: Api, customer: Api) -> None:
    made = await staff.made(DISCOUNTS, {"code": a_code(), "percent": "5"})
    assert (await staff.post(DISCOUNTS, {"code": made["code"], "percent": "6"})).faulty_fields() == {"code"}
    both = {"percent": "5", "amount": "5"}
    assert (await staff.call("PATCH", f"{DISCOUNTS}/{made['id']}", both)).faulty_fields() == {"amount"}
    (await customer.get(f"{DISCOUNTS}?code={made['code']}")).problem(403, "forbidden")
