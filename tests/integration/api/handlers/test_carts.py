"""Carts of customers over HTTP."""

import asyncio
import uuid
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers

CART = f"{V1}/cart"


def some(product: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"product_id": product["id"], "quantity": quantity, **more}


async def test_a_customer_without_a_cart_sees_an_empty_one(customer: Api) -> None:
    assert (await customer.get(CART)).json == {"id": None, "items": [], "total": "0.00", "currency": "USD"}


async def test_a_cart_shows_what_is_in_it(customer: Api, store_id: int, new_product: NewProduct) -> None:
    product = await new_product(stock=3)
    made = await customer.made(f"{CART}/items/", some(product, 2))
    [item] = made["items"]
    assert item.pop("reserved_until").endswith("Z")
    assert item == {
        "id": item["id"],
        "product_id": product["id"],
        "product_title": product["title"],
        "quantity": 2,
        "unit_price": "25.00",
        "previous_price": None,
        "line_total": "50.00",
        "available": True,
        "store": store_id,
    }
    assert (made["total"], made["currency"]) == ("50.00", "USD")
    assert (await customer.get(f"{CART}/")).json["id"] == made["id"]


async def test_items_are_changed_and_taken_out_by_either_path(customer: Api, new_product: NewProduct) -> None:
    path = f"{CART}/items"
    items = [(await customer.made(path, some(await new_product())))["items"][-1] for _ in range(4)]
    changed = await customer.call("PATCH", f"{path}/{items[0]['id']}/", {"quantity": 3})
    assert changed.json["items"][0]["quantity"] == 3
    left = [
        await customer.call("DELETE", f"{path}/{items[0]['id']}"),
        await customer.call("DELETE", f"{path}/{items[1]['id']}/delete/"),
        await customer.post(f"{path}/{items[2]['id']}/delete/", None),
    ]
    assert [(each.status, len(each.json["items"])) for each in left] == [(200, 3), (200, 2), (200, 1)]
    (await customer.call("DELETE", f"{path}/{items[0]['id']}")).problem(404, "not-found")


async def test_short_stock_names_the_lines(customer: Api, join: Join, new_product: NewProduct) -> None:
    product, (other, _) = await new_product(stock=2), await join("customer")
    await customer.made(f"{CART}/items", some(product, 2))
    problem = (await other.post(f"{CART}/items", some(product))).problem(400, "cart-short")
    assert problem["detail"] == "Unable to update cart."
    assert problem["lines"] == [{"product_id": product["id"], "requested": 1, "available": 0}]
    assert (await customer.post(f"{CART}/clear", None)).json["items"] == []
    await other.made(f"{CART}/items", some(product))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"product_id"}),
        ({"product_id": 1, "quantity": 0}, {"quantity"}),
        ({"product_id": 10**12, "quantity": 1}, {"product_id"}),
        ({"product_id": "x", "quantity": 10**7, "price": "1.00"}, {"product_id", "quantity", "price"}),
        ({"product_id": 1, "quantity": 1, "session_id": "x"}, {"session_id"}),
    ],
)
async def test_faulty_items_are_refused_by_field(customer: Api, body: dict[str, Any], fields: set[str]) -> None:
    assert (await customer.post(f"{CART}/items", body)).faulty_fields() == fields


async def test_carts_are_for_those_who_signed_in(api: Api) -> None:
    (await api.get(CART)).problem(401, "not-authenticated")
    (await api.post(f"{CART}/checkout", {})).problem(401, "not-authenticated")


async def test_an_abandoned_cart_is_closed(customer: Api, new_product: NewProduct) -> None:
    product = await new_product(stock=1)
    cart = await customer.made(f"{CART}/items", some(product))
    assert (await customer.post(f"{CART}/abandon", {})).json["id"] is None
    assert (await customer.made(f"{CART}/items", some(product)))["id"] != cart["id"]


async def test_a_checkout_is_an_order_and_its_key_means_that_order(customer: Api, new_product: NewProduct) -> None:
    product, key = await new_product(stock=4), {"Idempotency-Key": uuid.uuid4().hex}
    await customer.made(f"{CART}/items", some(product, 2))
    body = {"note": "ring twice", "shipping_address": {"name": "A", "line1": "B", "city": "C", "country": "LT"}}
    answers = await asyncio.gather(*(customer.post(f"{CART}/checkout", body, key) for _ in range(4)))
    assert {each.status for each in answers} == {201}
    assert all(each.json == answers[0].json for each in answers)
    assert sum("Idempotent-Replayed" in each.headers for each in answers) == 3
    order = answers[0].json
    assert answers[0].headers["Location"] == f"{V1}/orders/{order['id']}"
    assert (order["status"], order["total"], order["note"]) == ("CONFIRMED", "50.00", "ring twice")
    assert (await customer.get(f"{V1}/orders/{order['id']}")).json["shipping_address"]["city"] == "C"
    (await customer.post(f"{CART}/checkout", {}, key)).problem(422, "idempotency-key-reused")
    (await customer.post(f"{CART}/checkout", None)).problem(400, "cart-empty")


async def test_a_changed_price_is_shown_and_has_to_be_accepted(
    customer: Api, staff: Api, new_product: NewProduct
) -> None:
    product, key = await new_product(stock=4), {"Idempotency-Key": uuid.uuid4().hex}
    await customer.made(f"{CART}/items", some(product, 2))
    await staff.call("PATCH", f"{V1}/products/{product['id']}", {"price": "30.00"})
    [item] = (await customer.get(CART)).json["items"]
    assert (item["previous_price"], item["unit_price"], item["line_total"]) == ("25.00", "30.00", "60.00")
    first, second = [await customer.post(f"{CART}/checkout", {}, key) for _ in range(2)]
    moved = {"product_id": product["id"], "old_price": "25.00", "new_price": "30.00"}
    assert first.problem(409, "prices-changed")["lines"] == [moved]
    assert second.problem(409, "prices-changed")["lines"] == [moved]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (await customer.made(f"{CART}/checkout", {"accept_price_changes": True}))["total"] == "60.00"


async def test_a_guests_cart_is_brought_along(customer: Api, api: Api, new_product: NewProduct) -> None:
    product, session = await new_product(stock=5), {"X-Session-Id": str(uuid.uuid4())}
    (await customer.post(f"{CART}/merge-guest", {})).problem(400, "invalid-input")
    (await customer.post(f"{CART}/merge-guest", {}, session)).problem(404, "not-found")
    await api.post(f"{CART}/guest/items", some(product, 2), session)
    await customer.made(f"{CART}/items", some(product))
    merged = await customer.post(f"{CART}/merge-guest/", {}, session)
    assert (merged.status, merged.json["items"][0]["quantity"]) == (200, 3)
    assert (await api.get(f"{CART}/guest/", session)).problem(404, "not-found")["detail"] == "Not found."


async def test_signing_in_brings_the_guests_cart_along_and_never_fails_for_it(
    api: Api, join: Join, new_product: NewProduct
) -> None:
    scarce, session = await new_product(stock=1), {"X-Session-Id": str(uuid.uuid4())}
    customer, principal = await join("customer")
    name = (await customer.get(f"{V1}/auth/profile")).json["username"]
    login = {"username": name, "password": f"horse-{name}"}
    await api.post(f"{CART}/guest/items", some(scarce), session)
    assert (await api.post(f"{V1}/auth/login", login, session)).status == 200
    assert [item["product_id"] for item in (await customer.get(CART)).json["items"]] == [scarce["id"]]
    strict = await api.post(f"{V1}/auth/login", login, {"X-Session-Id": "not a session"})
    assert (strict.status, principal.role) == (200, "customer")
