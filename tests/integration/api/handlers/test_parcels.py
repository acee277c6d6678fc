"""Parcels of orders over HTTP."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers

LINK = "https://track.example.com/X1"


async def placed(buyer: Api, new_product: NewProduct, quantity: int = 3, **more: Any) -> Any:
    product = await new_product(stock=quantity)
    items = [{"product_id": product["id"], "quantity": quantity}]
    return await buyer.made(f"{V1}/orders", {"items": items, **more})


async def test_an_order_leaves_in_parcels_until_nothing_is_left(
    staff: Api, customer: Api, new_product: NewProduct
) -> None:
    path = f"{V1}/orders/{(await placed(customer, new_product))['id']}/parcels"
    assert (await customer.get(path)).json == []
    part = {"carrier": "Post", "tracking_number": "X1", "tracking_link": LINK, "lines": [{"line": 1, "quantity": 1}]}
    first = await staff.post(path, part)
    assert (first.status, first.headers["Location"], first.json["tracking_link"]) == (201, path, LINK)
    rest = await staff.made(path, {"carrier": "Post"})
    assert rest["lines"] == [{"line": 1, "quantity": 2}]
    (await staff.post(path, {"carrier": "Post"})).problem(409, "conflict")
    assert (await staff.post(path, part)).faulty_fields() == {"lines[0].quantity"}
    assert [each["id"] for each in (await customer.get(path)).json] == [first.json["id"], rest["id"]]
    assert (await staff.call("DELETE", f"{path}/{rest['id']}")).status == 204
    (await staff.call("DELETE", f"{path}/{rest['id']}")).problem(404, "not-found")
    assert (await staff.post(path, part)).status == 201


async def test_no_piece_leaves_twice_however_many_pack_at_once(
    staff: Api, customer: Api, new_product: NewProduct
) -> None:
    path = f"{V1}/orders/{(await placed(customer, new_product))['id']}/parcels"
    one = {"carrier": "Post", "lines": [{"line": 1, "quantity": 1}]}
    answers = await asyncio.gather(*(staff.post(path, one) for _ in range(12)))
    assert Counter(each.status for each in answers) == {201: 3, 400: 9}
    assert sum(line["quantity"] for each in (await staff.get(path)).json for line in each["lines"]) == 3


async def test_a_cancelled_order_is_not_sent(staff: Api, customer: Api, new_product: NewProduct) -> None:
    order = await placed(customer, new_product)
    await customer.call("PATCH", f"{V1}/orders/{order['id']}", {"status": "cancelled"})
    (await staff.post(f"{V1}/orders/{order['id']}/parcels", {"carrier": "Post"})).problem(409, "conflict")
    (await staff.post(f"{V1}/orders/{uuid.uuid4()}/parcels", {"carrier": "Post"})).problem(404, "not-found")


async def test_parcels_are_seen_by_those_who_see_the_order(
    api: Api, staff: Api, join: Join, new_product: NewProduct
) -> None:
    order = await placed(api, new_product, email="guest@example.com")
    path = f"{V1}/orders/{order['id']}/parcels"
    await staff.made(path, {"carrier": "Post"})
    assert len((await api.get(path, {"X-Order-Token": order["order_token"]})).json) == 1
    (await api.get(path)).problem(401, "not-authenticated")
    other, _ = await join("customer")
    (await other.get(path)).problem(404, "not-found")
    (await other.post(path, {"carrier": "Post"})).problem(403, "forbidden")


async def test_faulty_parcels_are_refused_by_field(staff: Api, customer: Api, new_product: NewProduct) -> None:
    path = f"{V1}/orders/{(await placed(customer, new_product))['id']}/parcels"
    faulty = {"carrier": "", "tracking_link": "javascript:alert(1)", "lines": [{"line": 0, "quantity": 0}]}
    assert (await staff.post(path, faulty)).faulty_fields() == {
        "carrier", "tracking_link", "lines[0].line", "lines[0].quantity",
    }  # fmt: skip
    assert (await staff.post(path, {"carrier": "P", "lines": [{"line": 2, "quantity": 1}]})).faulty_fields() == {
        "lines[0].line"
    }


async def test_addresses_of_orders_are_checked(customer: Api, new_product: NewProduct) -> None:
    product = await new_product()
    address = {"name": "Ona", "line1": "Gedimino pr. 1", "city": "Vilnius", "country": "Lithuania"}
    body = {"product_id": product["id"], "quantity": 1, "shipping_address": address, "billing_address": address}
    refused = (await customer.post(f"{V1}/orders", body)).faulty_fields()
    assert refused == {"shipping_address.country", "billing_address.country"}
    order = await customer.made(
        f"{V1}/orders", {**body, "billing_address": None, "shipping_address": {**address, "country": "lt"}}
    )
    assert order["shipping_address"] == {**address, "country": "LT"}
