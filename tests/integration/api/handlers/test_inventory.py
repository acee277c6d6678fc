"""Inventories and stock levels over HTTP."""

from urllib.parse import quote

import pytest

from api.reading.index_tokens import read_tokens
from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers


async def test_an_inventory_is_a_bare_array(api: Api, store_id: int, new_product: NewProduct) -> None:
    product = await new_product(stock=3)
    [row] = (await api.get(f"/stores/{store_id}/inventory/?q={quote(product['title'])}")).json
    assert row == {
        "id": product["id"],
        "product_title": product["title"],
        "price": "25.00",
        "currency": "USD",
        "category_name": product["category_name"],
        "quantity": 3,
    }


async def test_it_comes_whole_and_valid_however_long(api: Api, store_id: int, new_product: NewProduct) -> None:
    there = [(await new_product(stock=1))["id"] for _ in range(3)]
    whole = (await api.get(f"{V1}/stores/{store_id}/inventory")).json
    assert set(there) <= {row["id"] for row in whole}
    assert (await api.get(f"{V1}/stores/{store_id}/inventory?q=no-such-thing")).json == []


async def test_it_is_paged_when_asked_with_links(api: Api, store_id: int, new_product: NewProduct) -> None:
    for _ in range(2):
        await new_product(stock=1)
    page = await api.get(f"{V1}/stores/{store_id}/inventory?in_stock=true&page=2&page_size=1")
    assert len(page.json) == 1
    assert int(page.headers["X-Total-Count"]) >= 2
    assert 'in_stock=true&page=1&page_size=1>; rel="prev"' in page.headers["Link"]


async def test_a_store_that_does_not_exist_has_none(api: Api) -> None:
    (await api.get(f"{V1}/stores/999999/inventory")).problem(404, "not-found")
    (await api.get(f"{V1}/stores/999999/inventory?page=1")).problem(404, "not-found")


async def test_levels_are_set_and_adjusted(staff: Api, store_id: int, new_product: NewProduct) -> None:
    path = f"{V1}/stores/{store_id}/inventory/{(await new_product(stock=3))['id']}"
    adjusted = await staff.call("PUT", path, {"adjust_by": -1, "reason": "broken"})
    assert (adjusted.status, adjusted.json["on_hand"], adjusted.json["available"]) == (200, 2, 2)
    assert read_tokens(adjusted.headers["Index-Token"])
    assert (await staff.call("PUT", path, {"on_hand": 1, "adjust_by": 1})).faulty_fields() == {"adjust_by"}
    assert (await staff.call("PUT", path, {})).faulty_fields() == {"on_hand", "adjust_by"}
    assert (await staff.call("PUT", path, {"on_hand": -1})).faulty_fields() == {"on_hand"}
    (await staff.call("PUT", f"{V1}/stores/{store_id}/inventory/999999999", {"on_hand": 1})).problem(404, "not-found")
