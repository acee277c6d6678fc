"""The audit trail over HTTP."""

import pytest

from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers


async def test_staff_read_who_did_what_in_which_request(staff: Api, new_product: NewProduct) -> None:
    product = await new_product(stock=1)
    changed = await staff.call("PATCH", f"{V1}/products/{product['id']}", {"price": "31.00"})
    page = (await staff.get(f"{V1}/admin/audit?subject=product:{product['id']}&action=product.change")).json
    assert (page["count"], page["page"]) == (1, 1)
    [entry] = page["results"]
    assert entry["details"] == {"price_minor": {"before": 2500, "after": 3100}}
    assert entry["request_id"] == changed.headers["X-Request-Id"]
    assert entry["actor"].startswith("user:")


async def test_customers_and_strangers_do_not_read_it(customer: Api, api: Api) -> None:
    (await customer.get(f"{V1}/admin/audit")).problem(403, "forbidden")
    (await api.get(f"{V1}/admin/audit")).problem(401, "not-authenticated")


async def test_faulty_filters_are_named(staff: Api) -> None:
    problem = (await staff.get(f"{V1}/admin/audit?done_from=yesterday&done_to=2026-01-01T00:00:00Z&who=me")).problem(
        400, "invalid-input"
    )
    assert {each["field"] for each in problem["errors"]} == {"done_from", "who"}
