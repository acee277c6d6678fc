"""Synonyms and rules over the real application: saved by staff, in effect everywhere a moment later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Answer, Api, Serve
from tests.integration.api.handlers.conftest import ADMIN, Shelve, search, word

pytestmark = pytest.mark.servers

IN_EFFECT_S = 1.5
"""About a second, on two cores that other tests use too."""


async def put(staff: Api, kind: str, **changed: Any) -> Answer:
    """Save on top of whatever is in effect."""
    version = (await staff.get(f"{ADMIN}/{kind}")).json["version"]
    return await staff.call("PUT", f"{ADMIN}/{kind}", {"version": version, **changed})


async def found(api: Api, q: str, more: str = "") -> list[int]:
    return [hit["id"] for hit in (await search(api, q, more))["results"]]


def finds(api: Api, q: str, expected: list[int]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return await found(api, q) == expected

    return ask


@pytest.mark.parametrize("kind", ["synonyms", "rules"])
async def test_merchandising_is_for_staff(api: Api, customer: Api, kind: str) -> None:
    body = {"version": 0, "sets" if kind == "synonyms" else "rules": []}
    for method, path in (("GET", kind), ("PUT", kind), ("POST", f"{kind}/preview")):
        sent = None if method == "GET" else body
        (await api.call(method, f"{ADMIN}/{path}", sent)).problem(401, "not-authenticated")
        (await customer.call(method, f"{ADMIN}/{path}", sent)).problem(403, "forbidden")


async def test_saved_synonyms_are_in_effect_in_every_process_within_a_second(
    api: Api, staff: Api, serve: Serve, shelve: Shelve
) -> None:
    other = await serve({})
    sold, typed = word(), word()
    [product_id] = await shelve(f"{sold} lamp")
    assert await found(api, typed) == await found(other, typed) == []
    saved = await put(staff, "synonyms", sets=[{"words": [typed, sold]}])
    assert saved.status == 200, saved.body
    for each in (api, other):
        await until_answered(finds(each, typed, [product_id]), within_s=IN_EFFECT_S)
    shown = (await staff.get(f"{ADMIN}/synonyms")).json
    assert shown["sets"] == [{"words": [typed, sold], "from": None}]
    assert shown["changed_by"].startswith("user:")
    assert (await put(staff, "synonyms", sets=[])).json["version"] == shown["version"] + 1
    await until_answered(finds(other, typed, []), within_s=IN_EFFECT_S)


@pytest.mark.parametrize(("kind", "items"), [("synonyms", "sets"), ("rules", "rules")])
async def test_of_two_changes_to_one_version_one_is_refused(staff: Api, kind: str, items: str) -> None:
    version = (await put(staff, kind, **{items: []})).json["version"]
    body = {"version": version, items: []}
    answers = await asyncio.gather(*(staff.call("PUT", f"{ADMIN}/{kind}", body) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.problem(409, "stale-version")["version"] == version + 1
    ahead = await staff.call("PUT", f"{ADMIN}/{kind}", {"version": version + 9, items: []})
    ahead.problem(409, "stale-version")


async def test_faulty_synonyms_and_rules_are_named_and_not_saved(staff: Api) -> None:
    before = (await staff.get(f"{ADMIN}/rules")).json["version"]
    sets = [{"words": ["tv", ""]}, {"words": []}, {"words": ["a", "--"]}, {"words": ["x"] * 51}]
    assert (await put(staff, "synonyms", sets=sets)).faulty_fields() == {
        "sets[0].words[1]",
        "sets[1].words",
        "sets[3].words",
    }
    assert (await put(staff, "synonyms", sets=[{"words": ["a", "--"]}])).faulty_fields() == {"sets[0].words[1]"}
    rules = [
        {"id": 0, "query": "", "pin": ["x"], "colour": 1},
        {
            "id": 1,
            "query": "tv",
            "match": "like",
            "redirect": "javascript:alert(1)",
            "active_from": "2026-01-01T00:00:00",
        },
        {"id": 1, "query": "tv", "filter": {"price_min": 3, "store_id": 1}},
    ]
    assert (await put(staff, "rules", rules=rules)).faulty_fields() == {
        "rules[0].id", "rules[0].query", "rules[0].pin[0]", "rules[0].colour",
        "rules[1].match", "rules[1].redirect", "rules[1].active_from",
        "rules[2].filter.price_min", "rules[2].filter.store_id",
    }  # fmt: skip
    assert (await put(staff, "rules", rules=[{"id": 1, "query": "tv"}])).faulty_fields() == {"rules[0]"}
    for redirect in ("//evil.example", "ftp://x", "/a b"):
        answer = await put(staff, "rules", rules=[{"id": 1, "query": "tv", "redirect": redirect}])
        assert answer.faulty_fields() == {"rules[0].redirect"}
    assert (await staff.get(f"{ADMIN}/rules")).json["version"] == before


async def test_rules_pin_bury_hide_filter_and_redirect(api: Api, staff: Api, shelve: Shelve) -> None:
    lamp = word()
    one, two, three = await shelve(*[f"{lamp} lamp"] * 3, brand="Lumo", price_minor=500)
    [dear] = await shelve(f"{lamp} lamp", brand="Ignis", price_minor=90_000)
    rule = {"id": 12, "query": lamp, "match": "contains", "pin": [three, two], "bury": [one], "redirect": "/lamps"}
    full = {**rule, "hide": [], "filter": {"price_max": "5.00"}, "active_until": "2999-01-01T00:00:00Z"}
    saved = await put(staff, "rules", rules=[full])
    assert saved.status == 200, saved.body
    [shown] = saved.json["rules"]
    assert (shown["filter"]["price_max"], shown["active_until"]) == ("5.00", "2999-01-01T00:00:00Z")
    assert (await staff.call("PUT", f"{ADMIN}/rules", saved_again(saved))).status == 200
    await until_answered(finds(api, f"{lamp} lamp", [three, two, one]), within_s=IN_EFFECT_S)
    body = await search(api, lamp, "&facets=brand")
    assert (body["redirect"], body["count"]) == ("/lamps", 3)
    assert [(value["value"], value["count"]) for value in body["facets"][0]["values"]] == [("Lumo", 3)]
    assert (await put(staff, "rules", rules=[{"id": 13, "query": lamp, "hide": [dear]}])).status == 200
    await until_answered(finds(api, lamp, [one, two, three]), within_s=IN_EFFECT_S)
    assert "redirect" not in await search(api, lamp)
    assert (await put(staff, "rules", rules=[])).status == 200


async def test_rules_that_would_empty_what_is_searched_for_most_are_refused_unless_forced(
    api: Api, staff: Api, shelve: Shelve
) -> None:
    lamps = [word(), word(), word()]
    hidden = await shelve(*(f"{lamp} lamp" for lamp in lamps))
    for lamp in [*lamps] * 40:
        await search(api, lamp)
    rules = [{"id": each, "query": lamp, "hide": hidden} for each, lamp in enumerate(lamps, start=1)]

    async def are_logged() -> bool:
        top = (await staff.get(f"{ADMIN}/reports?days=1&page_size=50")).json["top"]["results"]
        return set(lamps) <= {row["query"] for row in top}

    await until_answered(are_logged)
    body = (await put(staff, "rules", rules=rules)).problem(409, "harmful-change")
    [harm] = body["harms"]
    assert (harm["code"], {query["query"] for query in harm["queries"]}) == ("lost_results", set(lamps))
    assert harm["queries"][0]["moves"][0]["after"] is None
    version = (await staff.get(f"{ADMIN}/rules")).json["version"]
    path = f"{ADMIN}/rules?force=true"
    assert (await staff.call("PUT", path, {"version": version, "rules": rules})).status == 200
    assert (await put(staff, "rules", rules=[])).status == 200
    (await staff.call("PUT", f"{ADMIN}/rules?force=perhaps", {"version": 0, "rules": []})).problem(400, "invalid-input")


async def test_without_elasticsearch_only_forced_changes_are_saved(serve: Serve, staff: Api) -> None:
    alone = (await serve({"ELASTICSEARCH_URL": "http://127.0.0.1:1"})).signed(token_of(staff))
    version = (await alone.get(f"{ADMIN}/synonyms")).json["version"]
    body = {"version": version, "sets": [{"words": [word(), word()]}]}
    (await alone.call("PUT", f"{ADMIN}/synonyms", body)).problem(503, "search-unavailable")
    assert (await alone.call("PUT", f"{ADMIN}/synonyms?force=true", body)).status == 200
    assert (await put(staff, "synonyms", sets=[])).status == 200


def token_of(staff: Api) -> str:
    return staff.headers["Authorization"].removeprefix("Bearer ")


def saved_again(saved: Answer) -> dict[str, Any]:
    """What was answered, as a body that changes nothing."""
    return {"version": saved.json["version"], "rules": saved.json["rules"]}


async def test_a_preview_says_which_hits_move_and_saves_nothing(api: Api, staff: Api, shelve: Shelve) -> None:
    lamp, typed = word(), word()
    one, two = await shelve(f"{lamp} lamp", f"{lamp} lamp")
    rule = {"id": 1, "query": lamp, "pin": [two], "redirect": "/lamps", "active_from": "2998-01-01T00:00:00Z"}
    tried = {"rules": [rule], "queries": [lamp, "lamp nobody has"], "at": "2999-01-01T00:00:00Z"}
    first, second = (await staff.post(f"{ADMIN}/rules/preview", tried)).json["queries"]
    assert [(move["product_id"], move["before"], move["after"]) for move in first["moves"]] == [
        (two, 2, 1),
        (one, 1, 2),
    ]
    assert (first["redirect_before"], first["redirect_after"]) == (None, "/lamps")
    assert second["redirect_after"] is None
    now = {"rules": [rule], "queries": [lamp]}
    assert (await staff.post(f"{ADMIN}/rules/preview", now)).json["queries"][0]["moves"] == []
    synonyms = {"sets": [{"from": typed, "words": [lamp]}], "queries": [typed]}
    [third] = (await staff.post(f"{ADMIN}/synonyms/preview", synonyms)).json["queries"]
    assert (third["count_before"], third["count_after"], third["moves"][0]["before"]) == (0, 2, None)
    assert await found(api, typed) == []
    assert await found(api, lamp) == [one, two]


async def test_a_preview_without_queries_takes_those_that_were_searched_for(
    api: Api, staff: Api, shelve: Shelve
) -> None:
    lamp = word()
    [product_id] = await shelve(f"{lamp} lamp")
    for _ in range(30):
        await search(api, lamp)

    async def moved() -> bool:
        answer = await staff.post(f"{ADMIN}/rules/preview", {"rules": [{"id": 1, "query": lamp, "hide": [product_id]}]})
        assert answer.status == 200, answer.body
        previews = {each["query"]: each for each in answer.json["queries"]}
        return lamp in previews and (previews[lamp]["count_before"], previews[lamp]["count_after"]) == (1, 0)

    await until_answered(moved)


async def test_without_postgres_searches_go_on_and_merchandising_is_unavailable(serve: Serve, staff: Api) -> None:
    alone = await serve({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert (await alone.get(f"{V1}/search/products?q=anything")).status == 200
    signed = alone.signed(token_of(staff))
    (await signed.get(f"{ADMIN}/rules")).problem(503, "unavailable")
