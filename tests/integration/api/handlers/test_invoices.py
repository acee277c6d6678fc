"""Invoices over HTTP."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers


async def test_owner_staff_and_the_holder_of_a_guests_token_get_the_same_invoice_and_nobody_else(
    customer: Api, staff: Api, api: Api, join: Join, new_product: NewProduct
) -> None:
    product = await new_product(stock=5)
    lines = {"items": [{"product_id": product["id"], "quantity": 2}]}
    order = (await customer.post(f"{V1}/orders", lines)).json
    path = f"{V1}/orders/{order['id']}/invoice.pdf"
    own, theirs = await customer.get(path), await staff.get(path)
    assert (own.status, own.headers["Content-Type"]) == (200, "application/pdf")
    assert own.body == theirs.body
    text = PdfReader(BytesIO(own.body)).pages[0].extract_text()
    assert order["number"] in text
    assert order["total"] in text
    somebody, _ = await join("customer")
    (await somebody.get(path)).problem(404, "not-found")
    (await api.get(path)).problem(401, "not-authenticated")
    guests = (await api.post(f"{V1}/orders", lines)).json
    with_token = await api.get(
        f"{V1}/orders/{guests['id']}/invoice.pdf", headers={"X-Order-Token": guests["order_token"]}
    )
    assert with_token.status == 200


async def test_an_order_that_sold_nothing_has_no_invoice(customer: Api, new_product: NewProduct) -> None:
    product = await new_product(stock=1)
    refused = await customer.post(f"{V1}/orders", {"items": [{"product_id": product["id"], "quantity": 2}]})
    order_id = refused.problem(409, "insufficient-stock")["order_id"]
    (await customer.get(f"{V1}/orders/{order_id}/invoice.pdf")).problem(409, "conflict")
