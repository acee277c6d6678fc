"""Orders over HTTP, in both shapes."""

import asyncio
import uuid
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct, Serve

pytestmark = pytest.mark.servers


def one(product: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"items": [{"product_id": product["id"], "quantity": quantity}], **more}


async def test_an_order_is_confirmed_with_its_lines(customer: Api, store_id: int, new_product: NewProduct) -> None:
    product = await new_product(stock=3)
    made = await customer.post(f"{V1}/orders", one(product, 2, store_id=store_id))
    order = made.json
    assert (made.status, made.headers["Location"]) == (201, f"{V1}/orders/{order['id']}")
    assert (order["status"], order["store"], order["total"], order["currency"]) == (
        "CONFIRMED",
        store_id,
        "50.00",
        "USD",
    )
    assert order["items"][0]["product"] == product["id"]
    assert "order_token" not in order
    detail = (await customer.get(f"{V1}/orders/{order['id']}")).json
    assert [each["to_status"] for each in detail["history"]] == ["CONFIRMED"]


async def test_short_stock_is_a_conflict_that_names_the_recorded_order(customer: Api, new_product: NewProduct) -> None:
    product = await new_product(stock=1)
    problem = (await customer.post(f"{V1}/orders", one(product, 2))).problem(409, "insufficient-stock")
    assert problem["lines"] == [{"product_id": product["id"], "requested": 2, "available": 1}]
    recorded = (await customer.get(f"{V1}/orders/{problem['order_id']}")).json
    assert recorded["status"] == "REJECTED"


async def test_earlier_clients_get_their_shapes(
    customer: Api, staff: Api, store_id: int, new_product: NewProduct
) -> None:
    product = await new_product(stock=1)
    body = {"store_id": store_id, "items": [{"product_id": product["id"], "quantity_requested": 1}]}
    confirmed = await customer.post("/orders/", body)
    assert (confirmed.status, confirmed.json["status"], confirmed.json["store"]) == (201, "CONFIRMED", store_id)
    rejected = await customer.post("/orders/orders/", body)
    assert (rejected.status, rejected.json["status"]) == (200, "REJECTED")
    assert rejected.json["reason"] == "Insufficient stock for one or more items."
    rows = (await staff.get(f"/orders/store/{store_id}/")).json
    assert [row["id"] for row in rows[:2]] == [rejected.json["id"], confirmed.json["id"]]
    assert rows[0]["total_items"] == 1
    (await customer.get(f"/orders/store/{store_id}/")).problem(403, "forbidden")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"items"}),
        ({"items": []}, {"items"}),
        (
            {"items": [{"product_id": 1, "quantity": 0}, {"product_id": "x", "quantity": 10**30}]},
            {"items[0].quantity", "items[1].product_id", "items[1].quantity"},
        ),
        ({"items": [{"product_id": 10**12, "quantity": 1}]}, {"items[0].product_id"}),
        ({"items": [{"product_id": 1, "quantity": 1, "unit_price": "0.01"}]}, {"items[0].unit_price"}),
        ({"items": [{"product_id": 1, "quantity": 1}] * 500}, {"items"}),
        ({"product_id": 1, "quantity": 1, "user_id": 1}, {"user_id"}),
    ],
)
async def test_faulty_orders_are_refused_by_field(customer: Api, body: dict[str, Any], fields: set[str]) -> None:
    assert (await customer.post(f"{V1}/orders", body)).faulty_fields() == fields


async def test_one_product_twice_and_a_store_that_is_none_are_refused(customer: Api, new_product: NewProduct) -> None:
    product = await new_product()
    twice = {"items": one(product)["items"] * 2}
    assert (await customer.post(f"{V1}/orders", twice)).faulty_fields() == {"items[1].product_id"}
    assert (await customer.post(f"{V1}/orders", one(product, store_id=10**9))).faulty_fields() == {"store_id"}


async def test_a_key_means_one_order(customer: Api, new_product: NewProduct) -> None:
    product, key = await new_product(stock=9), {"Idempotency-Key": str(uuid.uuid4())}
    answers = await asyncio.gather(*(customer.post(f"{V1}/orders", one(product), key) for _ in range(5)))
    assert {each.status for each in answers} == {201}
    assert len({each.json["id"] for each in answers}) == 1
    assert sum("Idempotent-Replayed" in each.headers for each in answers) == 4
    quoted = {"Idempotency-Key": f'"{key["Idempotency-Key"]}"'}
    assert (await customer.post(f"{V1}/orders", one(product), quoted)).headers["Idempotent-Replayed"] == "true"
    (await customer.post(f"{V1}/orders", one(product, 2), key)).problem(422, "idempotency-key-reused")
    assert (await customer.post(f"{V1}/orders", one(product), {"Idempotency-Key": "a b"})).faulty_fields() == {
        "Idempotency-Key"
    }


async def test_a_rejection_is_replayed_too(customer: Api, new_product: NewProduct) -> None:
    body, key = one(await new_product(stock=1), 2), {"Idempotency-Key": str(uuid.uuid4())}
    first, second = [await customer.post(f"{V1}/orders", body, key) for _ in range(2)]
    assert first.problem(409, "insufficient-stock")["order_id"] == second.problem(409, "insufficient-stock")["order_id"]
    assert second.headers["Idempotent-Replayed"] == "true"


async def test_a_guest_reads_their_order_with_its_token(api: Api, customer: Api, new_product: NewProduct) -> None:
    order = await api.made(f"{V1}/orders", one(await new_product(), email="guest@example.com"))
    path = f"{V1}/orders/{order['id']}"
    assert (await api.get(path, {"X-Order-Token": order["order_token"]})).json["id"] == order["id"]
    (await api.get(path, {"X-Order-Token": "x"})).problem(404, "not-found")
    (await api.get(path)).problem(401, "not-authenticated")
    (await customer.get(path)).problem(404, "not-found")


async def test_guests_can_be_asked_to_sign_in(serve: Serve, new_product: NewProduct) -> None:
    strict = await serve({"GUEST_ORDERS": "false"})
    (await strict.post(f"{V1}/orders", one(await new_product()))).problem(401, "not-authenticated")


async def test_orders_are_private_and_newest_first(
    customer: Api, staff: Api, join: Join, new_product: NewProduct
) -> None:
    product = await new_product(stock=9)
    ids = [(await customer.made(f"{V1}/orders", one(product)))["id"] for _ in range(3)]
    mine = (await customer.get("/api/orders/?status=confirmed")).json
    assert ([each["id"] for each in mine["results"]], mine["count"]) == (ids[::-1], 3)
    other, _ = await join("customer")
    (await other.get(f"{V1}/orders/{ids[0]}")).problem(404, "not-found")
    (await other.call("PATCH", f"{V1}/orders/{ids[0]}", {"status": "cancelled"})).problem(404, "not-found")
    assert (await staff.get(f"{V1}/orders/{ids[0]}")).status == 200
    assert (await customer.get(f"{V1}/orders?status=lost")).faulty_fields() == {"status"}


async def test_orders_move_along_their_states(customer: Api, staff: Api, new_product: NewProduct) -> None:
    order = await customer.made(f"{V1}/orders", one(await new_product()))
    path = f"{V1}/orders/{order['id']}"
    refused = (await customer.call("PATCH", path, {"status": "delivered"})).problem(409, "forbidden-move")
    assert refused["allowed"] == ["CANCELLED"]
    shipped = await staff.call("PATCH", path, {"status": "Shipped", "reason": "by van"})
    assert (shipped.status, shipped.json["status"]) == (200, "SHIPPED")
    assert (await staff.call("PATCH", path, {"status": "lost", "x": 1})).faulty_fields() == {"x"}
    assert (await staff.call("PATCH", path, {"status": "lost"})).faulty_fields() == {"status"}
    (await staff.call("PATCH", f"{V1}/orders/{uuid.uuid4()}", {"status": "PAID"})).problem(404, "not-found")


async def test_an_order_is_split_over_stores_when_asked(customer: Api, staff: Api, new_product: NewProduct) -> None:
    here, there = await new_product(stock=5), await new_product(stock=0)
    other = await staff.made(f"{V1}/stores", {"name": "Elsewhere"})
    await staff.call("PUT", f"{V1}/stores/{other['id']}/inventory/{there['id']}", {"on_hand": 5})
    body: dict[str, Any] = {"items": [{"product_id": each["id"], "quantity": 1} for each in (here, there)]}
    (await customer.post(f"{V1}/orders", body)).problem(409, "insufficient-stock")
    assert (await customer.post(f"{V1}/orders", {**body, "allocation": "near"})).faulty_fields() == {"allocation"}
    order = await customer.made(f"{V1}/orders", {**body, "allocation": "split"})
    assert order["store"] is None
    assert order["items"][1]["store"] == other["id"] != order["items"][0]["store"]
