"""Every arrow of the data flow once, through real processes: writes are found, orders sell out, mail arrives."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.factories.http_client import HttpClient
from tests.factories.processes import eventually
from tests.factories.running_shop import V1, RunningShop

pytestmark = pytest.mark.servers


def order_of(product: Any, quantity: int = 1, **fields: object) -> dict[str, object]:
    return {"items": [{"product_id": product["id"], "quantity": quantity}], **fields}


def test_a_new_product_is_searched_suggested_and_listed(shop: RunningShop, store_id: int, category: Any) -> None:
    product = shop.new_product(category["id"], {store_id: 4}, brand="Acme", attributes={"colour": "teal"})
    [hit] = eventually(lambda: shop.found(q=product["word"]))
    assert (hit["id"], hit["price"], hit["category_name"]) == (product["id"], "25.00", category["name"])
    eventually(lambda: shop.found(q=product["word"], store_id=store_id)[0]["quantity"] == 4)
    eventually(lambda: shop.found(q=product["word"], store_id=store_id, in_stock="true"))
    offered = shop.anyone.get(f"{V1}/search/suggest", q=product["word"][:7])
    assert product["id"] in [each["id"] for each in offered["products"]]
    assert shop.found(**{"q": product["word"], "attr.colour": "teal", "brand": "Acme"})
    assert shop.found(**{"q": product["word"], "attr.colour": "red"}) == []


def test_a_changed_price_is_found(shop: RunningShop, store_id: int, category: Any) -> None:
    product = shop.new_product(category["id"], {store_id: 1})
    eventually(lambda: shop.found(q=product["word"]))
    shop.staff.send("PATCH", f"{V1}/products/{product['id']}", {"price": "19.99"}, 200)
    eventually(lambda: shop.found(q=product["word"], price_max="20")[:1])


def test_a_write_is_read_back_with_its_token(shop: RunningShop, category: Any) -> None:
    word = "zq" + uuid.uuid4().hex[:10]
    body = {"title": f"Prompt {word}", "price": "5.00", "category": category["id"]}
    created = shop.staff.call("POST", f"{V1}/products", body)
    found = shop.anyone.call(
        "GET", f"{V1}/search/products", params={"q": word}, headers={"Index-Token": created.headers["index-token"]}
    ).json
    assert found.get("stale") or [hit["id"] for hit in found["results"]] == [created.json["id"]]


def test_the_order_of_the_last_unit_empties_the_shelf_and_sends_mail(
    shop: RunningShop, mailbox: HttpClient, store_id: int, category: Any
) -> None:
    product, buyer = shop.new_product(category["id"], {store_id: 1}), f"{uuid.uuid4().hex}@example.com"
    here = {"q": product["word"], "store_id": store_id, "in_stock": "true"}
    eventually(lambda: shop.found(**here))
    order = shop.anyone.send("POST", f"{V1}/orders", order_of(product, store_id=store_id, email=buyer), 201)
    assert order["status"] == "CONFIRMED"
    eventually(lambda: not shop.found(**here))
    [mail] = eventually(lambda: [each for each in mailbox.get("/messages") if buyer in str(each["to"])])
    assert order["number"] in mail["subject"] + mail["text"]
    assert product["title"] in mail["text"]


def test_fifty_buyers_of_twenty_units_over_http(shop: RunningShop, store_id: int, category: Any) -> None:
    product = shop.new_product(category["id"], {store_id: 20})

    def buy(_: int) -> int:
        return shop.anyone.call("POST", f"{V1}/orders", order_of(product, store_id=store_id)).status

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(buy, range(50))) == {201: 20, 409: 30}


def test_a_facet_count_is_the_count_after_the_click(shop: RunningShop, store_id: int, category: Any) -> None:
    brands = ["Brand " + uuid.uuid4().hex[:6] for _ in range(2)]
    made = [shop.new_product(category["id"], {store_id: 1}, brand=brands[number % 2]) for number in range(5)]
    eventually(lambda: all(shop.found(q=each["word"]) for each in made))
    body = shop.anyone.get(f"{V1}/search/products", category=category["slug"], facets="brand")
    counts = {value["value"]: value["count"] for facet in body["facets"] for value in facet["values"]}
    assert {brand: counts[brand] for brand in brands} == {brands[0]: 3, brands[1]: 2}
    for brand in brands:
        clicked = shop.anyone.get(f"{V1}/search/products", category=category["slug"], brand=brand)
        assert clicked["count"] == counts[brand]


def test_a_deleted_product_is_gone_from_search_and_catalogue(shop: RunningShop, category: Any) -> None:
    product = shop.new_product(category["id"], {})
    eventually(lambda: shop.found(q=product["word"]))
    shop.staff.send("DELETE", f"{V1}/products/{product['id']}", None, 204)
    eventually(lambda: not shop.found(q=product["word"]))
    assert shop.anyone.call("GET", f"{V1}/products/{product['id']}").status == 404
