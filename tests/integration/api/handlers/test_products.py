"""Products over HTTP."""

import uuid

import pytest

from api.reading.index_tokens import read_tokens
from tests.integration.api.conftest import V1, Api, NewProduct

pytestmark = pytest.mark.servers


async def test_a_product_is_made_read_changed_and_taken_away(api: Api, staff: Api, category_id: int) -> None:
    body = {
        "name": "Fine cable",
        "price": "12.5",
        "category": category_id,
        "brand": "HP",
        "attributes": {"length": "2 m"},
    }
    made = await staff.post(f"{V1}/products", body)
    product = made.json
    assert (made.status, made.headers["Location"]) == (201, f"{V1}/products/{product['id']}")
    assert (product["title"], product["price"], product["currency"], product["quantity"]) == (
        "Fine cable",
        "12.50",
        "USD",
        0,
    )
    assert read_tokens(made.headers["Index-Token"]) == {product["id"]: product["version"]}

    assert (await api.get(f"{V1}/products/{product['id']}")).json == product

    changed = await staff.call("PATCH", f"{V1}/products/{product['id']}", {"price": "13", "brand": None})
    assert (changed.json["price"], changed.json["brand"], changed.json["title"]) == ("13.00", None, "Fine cable")
    assert read_tokens(changed.headers["Index-Token"])[product["id"]] == changed.json["version"] > product["version"]

    gone = await staff.call("DELETE", f"{V1}/products/{product['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert read_tokens(gone.headers["Index-Token"])[product["id"]] > changed.json["version"]
    (await api.get(f"{V1}/products/{product['id']}")).problem(404, "not-found")


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"price": 25.0}, {"price"}),
        ({"price": "0"}, {"price"}),
        ({"price": "-1"}, {"price"}),
        ({"price": "NaN", "currency": "EUR", "stock": -1, "extra": 1}, {"price", "currency", "stock", "extra"}),
        ({"title": ""}, {"title"}),
        ({"title": None}, {"title"}),
        ({"title": "a\x00b"}, {"title"}),
        ({"category": 10**15}, {"category"}),
        ({"category": "no such category"}, {"category"}),
        ({"image_link": "javascript:alert(1)"}, {"image_link"}),
        ({"attributes": {"a": 10**30}}, {"attributes.a"}),
    ],
)
async def test_faulty_products_are_refused_by_field(
    staff: Api, category_id: int, changed: dict[str, object], fields: set[str]
) -> None:
    body = {"title": "x", "price": "1.00", "category": category_id, **changed}
    assert (await staff.post(f"{V1}/products", body)).faulty_fields() == fields


async def test_a_taken_sku_is_refused(staff: Api, new_product: NewProduct) -> None:
    taken = (await new_product(sku=f"S-{uuid.uuid4()}"))["sku"]
    body = {"title": "x", "price": "1.00", "category": (await new_product())["category_id"], "sku": taken}
    assert (await staff.post(f"{V1}/products", body)).faulty_fields() == {"sku"}


async def test_lists_are_filtered_ordered_and_paged(api: Api, new_product: NewProduct) -> None:
    brand = f"B{uuid.uuid4().hex[:8]}"
    cheap, dear, none = [
        await new_product(stock, price, brand=brand) for stock, price in ((1, "5"), (1, "9"), (0, "7"))
    ]
    listed = (await api.get(f"/api/products/?brand={brand}&in_stock=true&ordering=-price&page_size=1")).json
    assert (listed["count"], [each["id"] for each in listed["results"]]) == (2, [dear["id"]])
    assert (await api.get(f"{V1}/products?brand={brand}&price_max=6")).json["results"][0]["id"] == cheap["id"]
    assert (await api.get(f"{V1}/products?brand={brand}&in_stock=false")).json["results"][0]["id"] == none["id"]


async def test_bad_parameters_are_all_named(api: Api) -> None:
    query = "price_min=9&price_max=1&ordering=best&page=0&in_stock=perhaps&stroe_id=1"
    fields = (await api.get(f"{V1}/products?{query}")).faulty_fields()
    assert fields == {"price_min", "price_max", "ordering", "page", "in_stock", "stroe_id"}
