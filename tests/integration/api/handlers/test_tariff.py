"""Tax rates and shipping methods over HTTP."""

from typing import Any

import pytest

from tests.factories.tariff import COUNTRY, a_region
from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers

RATES, METHODS = f"{V1}/tax-rates", f"{V1}/shipping-methods"


async def test_a_rate_is_made_changed_and_deleted_and_says_who_did_it(staff: Api, category_id: int) -> None:
    asked = {
        "name": "VAT",
        "rate": "8.875",
        "country": COUNTRY.lower(),
        "region": a_region(),
        "category_id": category_id,
    }
    made = await staff.post(RATES, asked)
    rate = made.json
    path = f"{RATES}/{rate['id']}"
    assert (made.status, made.headers["Location"], rate["rate"], rate["country"]) == (201, path, "8.875", COUNTRY)
    assert rate["created_by"].startswith("user:")
    assert (await staff.post(RATES, asked)).faulty_fields() == {"country"}
    changed = await staff.call("PATCH", path, {"rate": "9"})
    assert (changed.json["rate"], changed.json["name"]) == ("9", "VAT")
    listed = (await staff.get(f"{RATES}?page_size=100")).json
    assert rate["id"] in [each["id"] for each in listed["results"]]
    assert (await staff.get(path)).json == changed.json
    assert (await staff.call("DELETE", path)).status == 204
    for method in ("GET", "DELETE"):
        (await staff.call(method, path)).problem(404, "not-found")
    (await staff.call("PATCH", path, {"name": "x"})).problem(404, "not-found")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name", "rate"}),
        ({"name": "VAT", "rate": "100.1", "country": "XX"}, {"rate"}),
        ({"name": "VAT", "rate": "1", "country": "XX"}, {"country"}),
        ({"name": "VAT", "rate": "1", "region": "CA"}, {"region"}),
        ({"name": "\n", "rate": "1", "country": COUNTRY, "category_id": 10**12}, {"name", "category_id"}),
        ({"name": "VAT", "rate": "1", "applies_to": "shipping", "category_id": 1}, {"category_id"}),
        ({"name": "VAT", "rate": 0.21, "applies_to": "all"}, {"rate", "applies_to"}),
    ],
)
async def test_faulty_rates_are_refused_by_field(staff: Api, body: dict[str, Any], fields: set[str]) -> None:
    assert (await staff.post(RATES, body)).faulty_fields() == fields


async def test_only_staff_see_rates_and_write_methods(api: Api, customer: Api) -> None:
    (await customer.get(RATES)).problem(403, "forbidden")
    (await api.get(RATES)).problem(401, "not-authenticated")
    (await customer.post(METHODS, {})).problem(403, "forbidden")


async def test_an_order_is_shipped_and_taxed(staff: Api, customer: Api, store_id: int, new_product: NewProduct) -> None:
    region, product = a_region(), await new_product(price="10.00")
    await staff.made(RATES, {"name": "VAT", "rate": "21", "country": COUNTRY, "region": region})
    prices = [{"country": COUNTRY, "region": region, "price": "3.99", "free_from": "50.00"}]
    method = await staff.made(METHODS, {"code": region.lower(), "name": "Sledge", "prices": prices})
    address = {"name": "A", "line1": "Station", "city": "Base", "country": COUNTRY, "region": region}
    body = {"product_id": product["id"], "quantity": 1, "store_id": store_id, "shipping_method": method["code"]}
    assert (await customer.post(f"{V1}/orders", body)).faulty_fields() == {"shipping_address"}
    order = await customer.made(f"{V1}/orders", {**body, "shipping_address": address})
    shown = {name: order[name] for name in ("items_total", "shipping", "tax", "total", "shipping_method")}
    assert shown == {
        "items_total": "10.00", "shipping": "3.99", "tax": "2.10", "total": "16.09", "shipping_method": method["code"],
    }  # fmt: skip
    assert order["tax_lines"] == [{"name": "VAT", "rate": "21", "taxable": "10.00", "tax": "2.10"}]


async def test_a_method_is_offered_until_it_is_switched_off(api: Api, staff: Api) -> None:
    region = a_region()
    prices = [{"country": COUNTRY, "region": region, "price": "5", "free_from": None}]
    method = await staff.made(METHODS, {"code": region.lower(), "name": "Sledge", "prices": prices})
    path = f"{METHODS}/{method['id']}"
    shown = (await api.get(path)).json
    assert shown["prices"] == [{"country": COUNTRY, "region": region, "price": "5.00", "free_from": None}]
    assert "created_by" not in shown
    assert method["created_by"].startswith("user:")
    off = await staff.call("PATCH", path, {"is_active": False, "prices": []})
    assert (off.json["is_active"], off.json["prices"]) == (False, [])
    (await api.get(path)).problem(404, "not-found")
    assert (await staff.get(path)).json["is_active"] is False
    listed = [each["code"] for each in (await api.get(f"{METHODS}?page_size=100")).json["results"]]
    assert method["code"] not in listed
    assert (await staff.call("DELETE", path)).status == 204
    for wanted in ("PATCH", "DELETE"):
        (await staff.call(wanted, path, {} if wanted == "PATCH" else None)).problem(404, "not-found")


async def test_a_place_asks_for_the_methods_that_go_there_at_the_price_of_the_narrowest_place(
    api: Api, staff: Api
) -> None:
    region = a_region()
    prices = [{"country": COUNTRY, "price": "9"}, {"country": COUNTRY, "region": region, "price": "5"}]
    wide = await staff.made(METHODS, {"code": f"wide-{region.lower()}", "name": "Sledge", "prices": prices})
    narrow = await staff.made(METHODS, {"code": f"only-{region.lower()}", "name": "Dogs", "prices": prices[1:]})

    async def offered(place: str) -> dict[str, list[str]]:
        listed = (await api.get(f"{METHODS}?page_size=100&{place}")).json["results"]
        mine = [each for each in listed if each["id"] in {wide["id"], narrow["id"]}]
        return {each["name"]: [price["price"] for price in each["prices"]] for each in mine}

    assert await offered(f"country={COUNTRY.lower()}&region={region.lower()}") == {"Sledge": ["5.00"], "Dogs": ["5.00"]}
    assert await offered(f"country={COUNTRY}&region=elsewhere") == {"Sledge": ["9.00"]}
    assert await offered(f"country={COUNTRY}") == {"Sledge": ["9.00"]}
    assert await offered("country=LT") == {}
    assert (await api.get(f"{METHODS}?country=XX")).faulty_fields() == {"country"}
    assert (await api.get(f"{METHODS}?region=x")).faulty_fields() == {"region"}


async def test_faulty_methods_are_refused_by_field(staff: Api) -> None:
    price = {"country": COUNTRY, "price": "1"}
    body = {
        "code": "No Code",
        "name": "\n",
        "prices": [price, {**price, "country": "aq"}, {"region": "x", "price": "1"}],
    }
    faulty = {"code", "name", "prices[1].country", "prices[2].region"}
    assert (await staff.post(METHODS, body)).faulty_fields() == faulty
    assert (await staff.post(METHODS, {"code": "c", "name": "n", "prices": [{"price": "-1"}]})).faulty_fields() == {
        "prices[0].price"
    }
    taken = await staff.made(METHODS, {"code": a_region().lower(), "name": "n", "prices": []})
    again = {"code": taken["code"], "name": "n", "prices": []}
    assert (await staff.post(METHODS, again)).faulty_fields() == {"code"}
    assert (await staff.call("PATCH", f"{METHODS}/{taken['id']}", {"name": "\n"})).faulty_fields() == {"name"}
