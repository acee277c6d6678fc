"""Every order, for staff."""

import pytest

from tests.integration.api.conftest import V1, Api, Join, NewProduct

pytestmark = pytest.mark.servers


async def test_orders_are_found_by_status_user_store_and_time(
    staff: Api, join: Join, store_id: int, new_product: NewProduct
) -> None:
    buyer, principal = await join("customer")
    order = await buyer.made(
        f"{V1}/orders", {"product_id": (await new_product())["id"], "quantity": 1, "store_id": store_id}
    )
    query = f"user_id={principal.user_id}&status=confirmed&store_id={store_id}&created_from={order['created_at']}"
    found = (await staff.get(f"{V1}/admin/orders?{query}")).json
    assert [each["id"] for each in found["results"]] == [order["id"]]
    before = (await staff.get(f"/api/admin/orders/?user_id={principal.user_id}&created_to={order['created_at']}")).json
    assert before["count"] == 0


async def test_bad_filters_are_all_named(staff: Api) -> None:
    query = "status=lost&user_id=x&store_id=0&created_from=2026-11-02&created_to=2026-11-01"
    fields = (await staff.get(f"{V1}/admin/orders?{query}")).faulty_fields()
    assert fields == {"status", "user_id", "store_id", "created_from"}


async def test_customers_are_kept_out(customer: Api, api: Api) -> None:
    (await customer.get(f"{V1}/admin/orders")).problem(403, "forbidden")
    (await api.get(f"{V1}/admin/orders")).problem(401, "not-authenticated")
