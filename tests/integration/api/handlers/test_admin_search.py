"""What staff sees of searches, over the real application."""

from typing import Any

import pytest

from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Api
from tests.integration.api.handlers.conftest import ADMIN, Shelve, number, search, word

pytestmark = pytest.mark.servers


async def report_row(staff: Api, report: str, query: str) -> Any:
    answer = await staff.get(f"{ADMIN}/reports?days=1&page_size=100")
    assert answer.status == 200, answer.body
    return next((row for row in answer.json[report]["results"] if row["query"] == query), None)


async def test_reports_are_for_staff(api: Api, customer: Api) -> None:
    (await api.get(f"{ADMIN}/reports")).problem(401, "not-authenticated")
    (await customer.get(f"{ADMIN}/reports")).problem(403, "forbidden")


async def test_report_parameters_are_bounded(staff: Api) -> None:
    answer = await staff.get(f"{ADMIN}/reports?days=366&page=0&kind=top")
    assert answer.faulty_fields() == {"days", "page", "kind"}
    beyond = (await staff.get(f"{ADMIN}/reports?page=100000000")).json
    assert beyond["days"] == 7
    assert beyond["top"]["results"] == []


async def test_searches_are_counted_once_whatever_their_spelling_and_pages(
    api: Api, staff: Api, shelve: Shelve
) -> None:
    lamp = word()
    [product_id] = await shelve(f"{lamp} lamp")
    await search(api, lamp.upper())
    await search(api, lamp, "&page=2")
    query_id = (await search(api, f"  {lamp} "))["query_id"]
    row = await until_answered(lambda: report_row(staff, "no_clicks", lamp))
    click = {"query_id": query_id, "product_id": product_id, "position": 1}
    assert [(await api.post(f"{V1}/clicks", click)).status for _ in range(2)] == [204, 204]

    async def clicked() -> bool:
        return (await report_row(staff, "no_clicks", lamp)) is None

    await until_answered(clicked)
    row = await report_row(staff, "top", lamp)
    assert (row["searches"], row["zero_results"], row["clicks"]) == (2, 0, 1)


async def test_what_filters_emptied_is_told_from_what_no_product_has(api: Api, staff: Api, shelve: Shelve) -> None:
    sold, unsold = word(), word()
    await shelve(f"{sold} lamp")
    await search(api, sold, "&brand=Nobody")
    await search(api, unsold)
    for query, filtered_out in ((sold, 1), (unsold, 0)):

        async def zero_results(query: str = query) -> Any:
            return await report_row(staff, "zero_results", query)

        row = await until_answered(zero_results)
        assert (row["zero_results"], row["filtered_out"]) == (1, filtered_out)


ZERO_RESULTS = f"{ADMIN}/reports/zero-results"


async def test_causes_are_for_staff_and_small_pages(api: Api, customer: Api, staff: Api) -> None:
    (await api.get(ZERO_RESULTS)).problem(401, "not-authenticated")
    (await customer.get(ZERO_RESULTS)).problem(403, "forbidden")
    assert (await staff.get(f"{ZERO_RESULTS}?page_size=21&days=0")).faulty_fields() == {"page_size", "days"}


async def diagnosed(staff: Api, query: str) -> Any:
    """Look through the pages for a query once its searches are logged."""
    await until_answered(lambda: report_row(staff, "zero_results", query))
    for page in range(1, 20):
        answer = await staff.get(f"{ZERO_RESULTS}?days=1&page={page}")
        assert answer.status == 200, answer.body
        for row in answer.json["results"]:
            if row["query"] == query:
                return row
    raise AssertionError(f"{query} is on no page")


async def test_each_query_that_found_nothing_has_its_cause(api: Api, staff: Api, shelve: Shelve) -> None:
    lamp, colour = number(), number()
    await shelve(f"{lamp} {colour}", brand="Lumo")
    filtered, unsold, later, spelt = f"{lamp} {colour}", number(), number(), number()
    misspelt = f"{spelt[:5]}{spelt[6]}{spelt[5]}{spelt[7:]}"
    await search(api, filtered, "&brand=Nobody&store_id=1")
    await search(api, unsold)
    await search(api, later)
    await search(api, misspelt)
    await shelve(later, spelt)
    row = await diagnosed(staff, filtered)
    assert (row["cause"], row["filters"]) == ("filtered_out", ["brand"])
    assert (row["fix"]["action"], row["fix"]["filters"]) == ("drop_filters", {"brand": ["Nobody"]})
    assert (row["preview"]["count_before"], row["preview"]["count_after"]) == (0, 1)
    row = await diagnosed(staff, unsold)
    assert (row["cause"], row["fix"]["action"], row["fix"]["rule"]["query"]) == ("not_sold", "add_rule", unsold)
    assert row["preview"]["redirect_after"] == "/"
    row = await diagnosed(staff, later)
    assert (row["cause"], row["fix"]["action"], row["preview"]["count_after"]) == ("found_now", "nothing", 1)
    row = await diagnosed(staff, misspelt)
    assert (row["cause"], row["fix"]["synonyms"]) == ("typo", {"words": [spelt], "from": misspelt})
    assert row["preview"]["count_after"] == 1


async def test_a_word_of_a_clicked_query_is_proposed_as_a_synonym(api: Api, staff: Api, shelve: Shelve) -> None:
    sofa, couch, grey = number(), number(), number()
    [product_id] = await shelve(f"{sofa} {grey}")
    clicked = await search(api, f"{sofa} {grey}")
    click = {"query_id": clicked["query_id"], "product_id": product_id, "position": 1}
    assert (await api.post(f"{V1}/clicks", click)).status == 204
    assert (await search(api, f"{couch} {grey}"))["count"] == 0
    row = await diagnosed(staff, f"{couch} {grey}")
    assert (row["cause"], row["fix"]["synonyms"]) == ("missing_synonym", {"words": [sofa], "from": couch})
    assert (row["preview"]["count_before"], row["preview"]["count_after"]) == (0, 1)
    tried = {"sets": [row["fix"]["synonyms"]], "queries": [row["query"]]}
    [preview] = (await staff.post(f"{ADMIN}/synonyms/preview", tried)).json["queries"]
    assert preview == row["preview"]


async def test_of_several_filters_the_one_that_leaves_most_is_named(api: Api, staff: Api, shelve: Shelve) -> None:
    lamp, torch = number(), number()
    await shelve(f"{lamp} one", f"{lamp} two", brand="Lumo", price_minor=9_900)
    await shelve(f"{lamp} three", brand="Ignis", price_minor=500)
    await shelve(f"{torch}", brand="Lumo", price_minor=9_900, in_stock_store_ids=[])
    await search(api, lamp, "&brand=Lumo&price_max=10&store_id=7")
    await search(api, torch, "&brand=Ignis&price_max=10&in_stock=true")
    row = await diagnosed(staff, lamp)
    assert (row["fix"]["filters"], row["preview"]["count_after"]) == ({"price": [None, "10.00"]}, 2)
    row = await diagnosed(staff, torch)
    assert row["fix"]["filters"] == {"brand": ["Ignis"], "price": [None, "10.00"], "in_stock": True}
    assert row["preview"]["count_after"] == 1


async def test_a_proposed_rule_is_fit_to_be_saved(api: Api, staff: Api, shelve: Shelve) -> None:
    await shelve(word())
    unsold = number()
    await search(api, unsold)
    row = await diagnosed(staff, unsold)
    rules = (await staff.get(f"{ADMIN}/rules")).json
    with_fix = {"version": rules["version"], "rules": [*rules["rules"], row["fix"]["rule"]]}
    saved = await staff.call("PUT", f"{ADMIN}/rules", with_fix)
    assert saved.status == 200, saved.body
    as_before = {"version": saved.json["version"], "rules": rules["rules"]}
    assert (await staff.call("PUT", f"{ADMIN}/rules", as_before)).status == 200
