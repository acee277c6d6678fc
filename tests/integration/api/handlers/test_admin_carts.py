"""Carts over HTTP as staff see and change them."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers

ADMIN = f"{V1}/admin/carts"


async def filled(api: Api, product: Any, quantity: int = 1, headers: Mapping[str, str] | None = None) -> Any:
    path = f"{V1}/cart/guest/items" if headers else f"{V1}/cart/items"
    answer = await api.post(path, {"product_id": product["id"], "quantity": quantity}, headers)
    assert answer.status == 201, answer.body
    return answer.json


async def test_staff_find_the_carts_of_a_user(staff: Api, join: Join, new_product: NewProduct) -> None:
    customer, principal = await join("customer")
    cart = await filled(customer, await new_product(), 2)
    page = (await staff.get(f"{ADMIN}?user_id={principal.user_id}&status=open")).json
    assert (page["count"], page["results"][0]["id"], page["results"][0]["total"]) == (1, cart["id"], "50.00")
    assert (await staff.get(f"{ADMIN}?user_id={principal.user_id}&status=merged")).json["count"] == 0
    assert (await staff.get(f"{ADMIN}?status=lost")).faulty_fields() == {"status"}
    (await customer.get(ADMIN)).problem(403, "forbidden")


async def test_staff_clear_and_abandon(staff: Api, customer: Api, new_product: NewProduct) -> None:
    product = await new_product(stock=1)
    path = f"{ADMIN}/{(await filled(customer, product))['id']}"
    assert (await staff.post(f"{path}/clear", {"reason": "asked by telephone"})).json["items"] == []
    await filled(customer, product)
    assert (await staff.post(f"{path}/abandon/", {})).json["status"] == "ABANDONED"
    assert (await customer.get(f"{V1}/cart")).json["id"] is None
    for action in ("clear", "abandon"):
        (await staff.post(f"{path}/{action}", None)).problem(409, "conflict")
    (await staff.post(f"{ADMIN}/{uuid.uuid4()}/clear", None)).problem(404, "not-found")
    trail = (await staff.get(f"{V1}/admin/audit?subject=cart:{path.rpartition('/')[2]}")).json["results"]
    deeds = [(deed["action"], deed["reason"]) for deed in trail]
    assert deeds == [("cart.abandon", ""), ("cart.clear", "asked by telephone")]


async def test_staff_merge_a_cart_into_a_users(staff: Api, api: Api, join: Join, new_product: NewProduct) -> None:
    (customer, principal), session = await join("customer"), {"X-Session-Id": str(uuid.uuid4())}
    product = await new_product(stock=3)
    own = await filled(customer, product)
    path = f"{ADMIN}/{(await filled(api, product, 2, session))['id']}/merge"
    assert (await staff.post(path, {"user_id": 10**12})).faulty_fields() == {"user_id"}
    merged = (await staff.post(path, {"user_id": principal.user_id})).json
    assert (merged["id"], merged["items"][0]["quantity"]) == (own["id"], 3)
    (await staff.post(path, {"user_id": principal.user_id})).problem(409, "conflict")
    itself = await staff.post(f"{ADMIN}/{own['id']}/merge", {"user_id": principal.user_id})
    assert itself.faulty_fields() == {"user_id"}
