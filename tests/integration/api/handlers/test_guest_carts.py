"""Carts of guests over HTTP."""

import uuid
from collections.abc import Mapping

import pytest

from tests.integration.api.conftest import V1, Api, NewProduct, Serve

pytestmark = pytest.mark.servers

CART = f"{V1}/cart/guest"


def new_session() -> Mapping[str, str]:
    return {"X-Session-Id": str(uuid.uuid4())}


async def test_a_guest_has_to_say_who_they_are(api: Api) -> None:
    for answer in (await api.get(f"{CART}/"), await api.post(f"{CART}/items", {"product_id": 1, "quantity": 1})):
        assert answer.problem(400, "invalid-input")["detail"] == "Missing X-Session-Id."
    assert (await api.get(CART, {"X-Session-Id": "short"})).faulty_fields() == {"X-Session-Id"}
    for path in ("", "/items/1"):
        answer = await api.call("GET" if not path else "DELETE", CART + path, None, new_session())
        assert answer.problem(404, "not-found")["detail"] == "Not found."


async def test_a_session_is_a_cart_of_its_own(api: Api, new_product: NewProduct) -> None:
    product, session = await new_product(stock=3), new_session()
    added = await api.post(f"{CART}/items/", {"product_id": product["id"], "quantity": 2}, session)
    assert added.status == 201
    [item] = added.json["items"]
    changed = await api.call("PATCH", f"{CART}/items/{item['id']}", {"quantity": 3}, session)
    assert changed.json["total"] == "75.00"
    (await api.call("PATCH", f"{CART}/items/{item['id']}", {"quantity": 1}, new_session())).problem(404, "not-found")
    assert (await api.post(f"{CART}/items/{item['id']}/delete/", None, session)).json["items"] == []
    assert (await api.post(f"{CART}/clear/", None, session)).status == 200


async def test_the_body_may_name_the_session_and_the_header_wins(api: Api, new_product: NewProduct) -> None:
    product, session = await new_product(stock=3), str(uuid.uuid4())
    body = {"product_id": product["id"], "quantity": 1, "session_id": session}
    assert (await api.post(f"{CART}/items", body)).status == 201
    other = await api.post(f"{CART}/items", body, new_session())
    assert [item["quantity"] for item in other.json["items"]] == [1]
    mine = (await api.get(CART, {"X-Session-Id": session})).json
    assert (await api.post(f"{CART}/clear", {"session_id": session})).json["id"] == mine["id"] != other.json["id"]


async def test_a_guest_checks_out_with_replay_and_reads_the_order_by_its_token(
    api: Api, new_product: NewProduct
) -> None:
    product, session = await new_product(stock=3), new_session()
    await api.post(f"{CART}/items", {"product_id": product["id"], "quantity": 2}, session)
    keyed = {**session, "Idempotency-Key": uuid.uuid4().hex}
    first, again = [await api.post(f"{CART}/checkout", {"email": "g@example.com"}, keyed) for _ in range(2)]
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    order = first.json
    read = await api.get(f"{V1}/orders/{order['id']}", {"X-Order-Token": order["order_token"]})
    assert (read.json["email"], read.json["user_id"]) == ("g@example.com", None)
    elsewhere = {**new_session(), "Idempotency-Key": keyed["Idempotency-Key"]}
    (await api.post(f"{CART}/checkout", {"email": "g@example.com"}, elsewhere)).problem(400, "cart-empty")


async def test_guests_can_be_asked_to_sign_in(serve: Serve, new_product: NewProduct) -> None:
    strict, session = await serve({"GUEST_ORDERS": "false"}), new_session()
    product = await new_product()
    await strict.post(f"{CART}/items", {"product_id": product["id"], "quantity": 1}, session)
    (await strict.post(f"{CART}/checkout", {}, session)).problem(401, "not-authenticated")
