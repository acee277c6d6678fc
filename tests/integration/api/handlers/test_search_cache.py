"""Kept pages over the real application: what they save, and how little they may hide."""

import pytest

from api.reading.index_tokens import to_token
from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Answer, Api, NewProduct, Serve
from tests.integration.api.handlers.conftest import ADMIN, Shelve, word

pytestmark = pytest.mark.servers

SOON_S = 2.0
"""Far below the ten seconds that a page is kept, on two cores that other tests use too."""


def path_of(lamp: str, more: str = "") -> str:
    return f"{V1}/search/products?q={lamp}&facets=brand{more}"


async def kept(api: Api, path: str) -> Answer:
    """Ask until the page comes from the cache."""

    answers: list[Answer] = []

    async def is_hit() -> bool:
        answers.append(await api.get(path))
        assert answers[-1].status == 200, answers[-1].body
        return answers[-1].headers["X-Cache"] == "hit"

    await until_answered(is_hit)
    return answers[-1]


async def test_a_repeated_search_is_a_hit_with_a_number_of_its_own(api: Api, shelve: Shelve) -> None:
    lamp = word()
    await shelve(f"{lamp} lamp")
    first = await api.get(path_of(lamp))
    assert first.headers["X-Cache"] == "miss"
    second, third = await kept(api, path_of(lamp)), await kept(api, path_of(lamp))
    assert len({answer.json["query_id"] for answer in (first, second, third)}) == 3
    for name in ("count", "results", "facets", "answered_by", "page"):
        assert second.json[name] == first.json[name]
    other = await api.get(path_of(lamp, "&page_size=1"))
    assert other.headers["X-Cache"] == "miss"


async def test_a_hit_shows_stock_that_is_at_most_a_second_old(
    api: Api, staff: Api, store_id: int, new_product: NewProduct, shelve: Shelve
) -> None:
    lamp = word()
    product = await new_product(3, title=f"{lamp} lamp")
    await shelve(product["title"], product_id=product["id"], version=product["version"] + 9)
    assert (await kept(api, path_of(lamp))).json["results"][0]["quantity"] == 3
    level = f"{V1}/stores/{store_id}/inventory/{product['id']}"
    assert (await staff.call("PUT", level, {"on_hand": 2})).status == 200

    async def follows() -> bool:
        return bool((await kept(api, path_of(lamp))).json["results"][0]["quantity"] == 2)

    await until_answered(follows, within_s=SOON_S)


async def test_a_page_goes_when_the_index_or_the_rules_change(api: Api, staff: Api, shelve: Shelve) -> None:
    lamp = word()
    [one] = await shelve(f"{lamp} lamp")
    await kept(api, path_of(lamp))
    [two] = await shelve(f"{lamp} torch")

    async def finds_both() -> bool:
        return {hit["id"] for hit in (await api.get(path_of(lamp))).json["results"]} == {one, two}

    await until_answered(finds_both, within_s=SOON_S)
    await shelve("gone", product_id=one, deleted=True, version=2)

    async def finds_one() -> bool:
        return [hit["id"] for hit in (await api.get(path_of(lamp))).json["results"]] == [two]

    await until_answered(finds_one, within_s=SOON_S)
    version = (await staff.get(f"{ADMIN}/rules")).json["version"]
    rules = [{"id": 1, "query": lamp, "redirect": "/lamps"}]
    assert (await staff.call("PUT", f"{ADMIN}/rules", {"version": version, "rules": rules})).status == 200

    async def redirects() -> bool:
        return bool((await api.get(path_of(lamp))).json.get("redirect") == "/lamps")

    await until_answered(redirects, within_s=SOON_S)
    assert (await staff.call("PUT", f"{ADMIN}/rules", {"version": version + 1, "rules": []})).status == 200


async def test_who_waits_for_a_write_or_walks_on_is_answered_anew(api: Api, shelve: Shelve) -> None:
    lamp = word()
    one, _ = await shelve(f"{lamp} lamp", f"{lamp} torch")
    path = path_of(lamp, "&page_size=1")
    page = await kept(api, path)
    waiting = await api.get(path, {"Index-Token": to_token({one: 1})})
    assert waiting.headers["X-Cache"] == "miss"
    further = f"{path}&cursor={page.json['next_cursor']}"
    assert [(await api.get(further)).headers["X-Cache"] for _ in range(3)] == ["miss"] * 3


async def test_zero_seconds_turn_the_cache_off(serve: Serve, shelve: Shelve) -> None:
    lamp = word()
    await shelve(f"{lamp} lamp")
    plain = await serve({"SEARCH_CACHE_SECONDS": "0"})
    assert {(await plain.get(path_of(lamp))).headers["X-Cache"] for _ in range(5)} == {"miss"}


async def test_what_is_degraded_is_not_kept(serve: Serve, shelve: Shelve) -> None:
    lamp = word()
    await shelve(f"{lamp} lamp")
    alone = await serve({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    answers = [await alone.get(path_of(lamp)) for _ in range(4)]
    assert {(answer.headers["X-Cache"], answer.json["degraded"]) for answer in answers} == {("miss", True)}
