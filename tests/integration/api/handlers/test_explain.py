"""Explanations over the real application: who may ask, how, and what a rule in effect looks like."""

import pytest

from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Api, NewProduct
from tests.integration.api.handlers.conftest import ADMIN, Shelve, word

pytestmark = pytest.mark.servers

EXPLAIN = f"{V1}/search/explain"


async def test_explanations_are_for_staff(api: Api, customer: Api) -> None:
    (await api.get(f"{EXPLAIN}?product_id=1")).problem(401, "not-authenticated")
    (await customer.get(f"{EXPLAIN}?product_id=1")).problem(403, "forbidden")


async def test_faulty_parameters_are_named(staff: Api) -> None:
    assert (await staff.get(f"{EXPLAIN}?q=lamp&colour=red")).faulty_fields() == {"product_id", "colour"}
    assert (await staff.get(f"{EXPLAIN}?product_id=x&cursor=y&page=0")).faulty_fields() >= {
        "product_id",
        "cursor",
        "page",
    }


async def test_any_id_is_explained_also_by_the_earlier_path(staff: Api, shelve: Shelve) -> None:
    await shelve("Some lamp")
    told = (await staff.get(f"/api/search/explain/?q=lamp&product_id={2**62}")).json
    assert (told["outcome"], told["fell_out_at"], told["rank"]) == ("unknown", "known", None)
    assert [stage["name"] for stage in told["stages"]] == [
        "known", "on_sale", "indexed", "matched", "rules", "filters", "ranked",
    ]  # fmt: skip


async def test_it_goes_by_the_rules_in_effect_and_by_live_lag(
    staff: Api, new_product: NewProduct, shelve: Shelve
) -> None:
    lamp = word()
    await shelve(f"{lamp} lamp")
    product = await new_product(title=f"{lamp} torch")
    path = f"{EXPLAIN}?q={lamp}&product_id={product['id']}"
    waiting = (await staff.get(path)).json
    assert (waiting["outcome"], waiting["sku"], waiting["count"]) == ("not_indexed", product["sku"], 1)
    assert waiting["summary"].startswith("Not indexed yet: lag ")
    assert waiting["stages"][2]["reasons"][0]["lag_ms"] == waiting["lag_ms"]
    await shelve(product["title"], product_id=product["id"], version=product["version"] + 9)
    assert (await staff.get(path)).json["outcome"] == "ranked"
    version = (await staff.get(f"{ADMIN}/rules")).json["version"]
    hiding = {"version": version, "rules": [{"id": 12, "query": lamp, "hide": [product["id"]]}]}
    assert (await staff.call("PUT", f"{ADMIN}/rules", hiding)).status == 200

    async def is_hidden() -> bool:
        return bool((await staff.get(path)).json["summary"] == f"Hidden by rule 12 (for “{lamp}”).")

    await until_answered(is_hidden)
    assert (await staff.call("PUT", f"{ADMIN}/rules", {"version": version + 1, "rules": []})).status == 200
