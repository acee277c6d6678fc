"""Search and suggest over HTTP, on a real index."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.rate_limits.breaker import SLOW_CALLS
from api.reading.index_tokens import to_token
from messaging.topics import ensure_topics
from order_service.database.engine import Database
from schemas.search_settings import SearchSettings
from schemas.settings import KafkaSettings
from search_indexer.elasticsearch_client import READ_TIMEOUT_S, open_writing_client
from search_indexer.index.reindex import Rebuild, reindex
from tests.factories.switch import Switch
from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Api, NewProduct, Serve

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Shelf:
    """What the index of these tests was built from; `word` is in two titles, "twin" and it in those of a group."""

    word: str
    cheap: Any
    dear: Any
    twins: list[Any]


@pytest.fixture(scope="module")
async def shelf(new_product: NewProduct, database: Database, settings_of: Callable[[type[Any]], Any]) -> Shelf:
    word = f"quill{uuid.uuid4().hex[:6]}"
    cheap = await new_product(3, "10.00", title=f"{word} lamp", brand="Lumo")
    dear = await new_product(0, "20.00", title=f"{word} torch", brand="Ignis")
    twins = [
        await new_product(
            stock, price, title=f"twin{word} shirt", group_id=word, attributes={"size": size, "cut": "slim"}
        )
        for stock, price, size in ((2, "30.00", "M"), (0, "40.00", "L"))
    ]
    search, kafka = settings_of(SearchSettings), settings_of(KafkaSettings)
    await ensure_topics(kafka)
    client = open_writing_client(search)
    try:
        await reindex(Rebuild(client, database, search, kafka, "USD"))
    finally:
        await client.close()
    return Shelf(word, cheap, dear, twins)


async def test_a_search_answers_with_live_quantities(api: Api, shelf: Shelf) -> None:
    body = (await api.get(f"/api/search/products/?q={shelf.word}&sort=price&page_size=5")).json
    assert (body["count"], body["page"], body["page_size"]) == (2, 1, 5)
    first, second = body["results"]
    assert (first["id"], first["price"], first["quantity"], first["in_stock"]) == (shelf.cheap["id"], "10.00", 3, True)
    assert (second["id"], second["quantity"], second["in_stock"]) == (shelf.dear["id"], 0, False)
    assert body["query_id"]
    assert body["answered_by"]
    assert not {"stale", "degraded"} & body.keys()


async def test_facets_are_labelled_and_count_what_a_click_would_find(api: Api, shelf: Shelf) -> None:
    body = (await api.get(f"{V1}/search/products?q={shelf.word}&facets=brand,category,price")).json
    facets = {each["name"]: each for each in body["facets"]}
    assert {value["label"] for value in facets["category"]["values"]} == {shelf.cheap["category_name"]}
    for value in facets["brand"]["values"]:
        clicked = (await api.get(f"{V1}/search/products?q={shelf.word}&brand={quote(value['value'])}")).json
        assert clicked["count"] == value["count"]
    assert {"from", "to"} <= facets["price"]["values"][0].keys()


async def test_variants_of_a_group_are_one_hit_with_live_quantities(api: Api, shelf: Shelf) -> None:
    path = f"{V1}/search/products?q=twin{shelf.word}&sort=-price&facets=price"
    body = (await api.get(path)).json
    [hit] = body["results"]
    medium, large = shelf.twins
    assert (body["count"], hit["id"], hit["group_id"], hit["variant_count"]) == (1, large["id"], shelf.word, 2)
    assert [(each["id"], each["price"], each["quantity"], each["attributes"]) for each in hit["variants"]] == [
        (large["id"], "40.00", 0, {"size": ["L"]}),
        (medium["id"], "30.00", 2, {"size": ["M"]}),
    ]
    assert [value["count"] for value in body["facets"][0]["values"]] == [1, 1]
    single = (await api.get(f"{path}&collapse=false")).json
    assert (single["count"], [each["variants"] for each in single["results"]]) == (2, [[], []])


async def test_without_elasticsearch_the_first_variant_stands_for_its_group(serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"ELASTICSEARCH_URL": "http://127.0.0.1:1"})
    path = f"{V1}/search/products?q=twin{shelf.word}&sort=price"
    body = (await alone.get(path)).json
    [hit] = body["results"]
    assert (body["count"], hit["id"], hit["group_id"], hit["variants"]) == (1, shelf.twins[0]["id"], shelf.word, [])
    assert (await alone.get(f"{path}&collapse=false")).json["count"] == 2


async def test_stores_are_named_and_count_what_they_have_in_stock(api: Api, store_id: int, shelf: Shelf) -> None:
    path = f"{V1}/search/products?q={shelf.word}&facets=store,attributes"
    [facet] = (await api.get(path)).json["facets"]
    assert facet["values"] == [{"value": str(store_id), "label": "Corner shop", "count": 1, "selected": False}]
    chosen = (await api.get(f"{path}&store_id={store_id}&in_stock=true")).json
    assert (chosen["count"], chosen["facets"][0]["values"][0]["selected"]) == (1, True)


async def test_a_store_that_sells_out_is_seen_at_once(api: Api, staff: Api, store_id: int, shelf: Shelf) -> None:
    path = f"{V1}/stores/{store_id}/inventory/{shelf.cheap['id']}"
    await staff.call("PUT", path, {"on_hand": 7})
    [hit] = (await api.get(f"{V1}/search/products?q={shelf.word}&store_id={store_id}&in_stock=true")).json["results"]
    assert hit["quantity"] == 7


@pytest.mark.parametrize(
    "query",
    [
        *("price_min=abc", "price_min=-1", "page=0", "page_size=1000", "sort=nonsense", "in_stock=perhaps"),
        *("store_id=x", "price_max=NaN", "cursor=forged", "price_min=9&price_max=1", "page=101&page_size=100"),
    ],
)
async def test_bad_parameters_are_named(api: Api, query: str) -> None:
    assert (await api.get(f"{V1}/search/products?{query}")).faulty_fields() & set(query.replace("&", "=").split("="))


async def test_a_token_of_a_visible_write_waits_for_nothing(api: Api, shelf: Shelf) -> None:
    token = to_token({shelf.dear["id"]: 1})
    answer = await api.get(f"{V1}/search/products?q={shelf.word}", {"Index-Token": token})
    assert "stale" not in answer.json


async def test_a_write_that_cannot_be_seen_yet_makes_the_answer_stale(api: Api, shelf: Shelf) -> None:
    token = to_token({shelf.dear["id"]: 10**9})
    answer = await api.get(f"{V1}/search/products?q={shelf.word}", {"Index-Token": token})
    assert answer.json["stale"] is True
    forged = await api.get(f"{V1}/search/products?q=x", {"Index-Token": "forged"})
    assert forged.faulty_fields() == {"Index-Token"}


async def test_a_walk_by_cursor_ends_with_null_and_numbered_pages_have_no_cursor(api: Api, shelf: Shelf) -> None:
    path = f"{V1}/search/products?q={shelf.word}&sort=price&page_size=1"
    first = (await api.get(path)).json
    second = (await api.get(f"{path}&cursor={first['next_cursor']}")).json
    assert [each["results"][0]["id"] for each in (first, second)] == [shelf.cheap["id"], shelf.dear["id"]]
    assert (second["count"], second["next_cursor"]) == (2, None)
    assert "next_cursor" not in (await api.get(f"{path}&page=2")).json


async def test_an_answer_tells_how_far_the_index_is_behind(api: Api, shelf: Shelf) -> None:
    async def told() -> int | None:
        found: int | None = (await api.get(f"{V1}/search/products?q={shelf.word}")).json["index_lag_ms"]
        return found

    lag_ms = await until_answered(told)
    assert (lag_ms or 0) > 0  # no relay runs beside this API, so its products wait to be published


async def test_a_cursor_of_another_search_or_shop_is_refused(api: Api, serve: Serve, shelf: Shelf) -> None:
    path = f"{V1}/search/products?q={shelf.word}&page_size=1"
    cursor = (await api.get(path)).json["next_cursor"]
    other_shop = await serve({"AISLE_SECRET_KEY": "another-key-" * 4})
    for caller, wanted in ((api, f"{path}&sort=price"), (api, path.replace("q=", "q=x")), (other_shop, path)):
        assert (await caller.get(f"{wanted}&cursor={cursor}")).faulty_fields() == {"cursor"}
    assert (await api.get(f"{path}&page=2&cursor={cursor}")).faulty_fields() == {"page"}


async def test_without_postgres_hits_come_without_quantities(serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    body = (await alone.get(f"{V1}/search/products?q={shelf.word}&facets=category")).json
    assert (body["count"], body["degraded"]) == (2, True)
    assert {hit["quantity"] for hit in body["results"]} == {None}


async def test_without_elasticsearch_postgres_answers_and_orders_go_on(serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"ELASTICSEARCH_URL": "http://127.0.0.1:1"})
    path = f"{V1}/search/products?q={shelf.word}+lamps&facets=brand&page_size=5"
    for _ in range(3):
        body = (await alone.get(path, {"Index-Token": to_token({shelf.dear["id"]: 1})})).json
        assert (body["degraded"], body["count"], body["facets"]) == (True, 1, [])
        assert {"next_cursor", "stale"}.isdisjoint(body)
        assert (body["results"][0]["id"], body["results"][0]["price"]) == (shelf.cheap["id"], "10.00")
    none_of_both = (await alone.get(f"{V1}/search/products?q={shelf.word}+absent{shelf.word}")).json
    assert (none_of_both["answered_by"], none_of_both["count"]) == ("most_words", 2)
    suggested = await alone.get(f"{V1}/search/suggest?q=x")
    suggested.problem(503, "search-unavailable")
    assert int(suggested.headers["Retry-After"]) >= 1
    assert (await alone.post(f"{V1}/orders", {"product_id": shelf.cheap["id"], "quantity": 1})).status == 201
    ready = await alone.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (200, "degraded")


async def test_degraded_answers_have_the_keys_of_others(api: Api, serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"ELASTICSEARCH_URL": "http://127.0.0.1:1"})
    path = f"{V1}/search/products?q={shelf.word}&page=1"
    usual, degraded = (await api.get(path)).json, (await alone.get(path)).json
    assert usual.keys() - {"next_cursor"} == degraded.keys() - {"degraded"}
    assert usual["results"][0].keys() == degraded["results"][0].keys()


async def test_searches_come_back_by_themselves_and_a_dead_server_costs_no_time(
    environment: Mapping[str, str], serve: Serve, shelf: Shelf
) -> None:
    async with Switch(environment["ELASTICSEARCH_URL"]) as switch:
        shop = await serve({"ELASTICSEARCH_URL": switch.url})
        path = f"{V1}/search/products?q={shelf.word}"
        assert "degraded" not in (await shop.get(path)).json
        switch.hang()
        await until_answered(lambda: is_degraded(shop, path))
        at = asyncio.get_running_loop().time
        until_open = [await is_degraded(shop, path) for _ in range(SLOW_CALLS)]
        assert all(until_open)
        started = at()
        assert [await is_degraded(shop, path) for _ in range(20)] == [True] * 20
        assert at() - started < 20 * READ_TIMEOUT_S / 2
        switch.work()
        await until_answered(lambda: is_whole(shop, path))


async def is_degraded(shop: Api, path: str) -> bool:
    return bool((await shop.get(path)).json.get("degraded"))


async def is_whole(shop: Api, path: str) -> bool:
    return not await is_degraded(shop, path)


async def test_what_is_typed_is_completed(api: Api, shelf: Shelf) -> None:
    body = (await api.get(f"/api/search/suggest/?q={shelf.word[:7]}&limit=5")).json
    assert shelf.cheap["id"] in [each["id"] for each in body["products"]]
    assert isinstance(body["suggestions"], list)
    assert body["products"][0]["price"].count(".") == 1


async def test_twenty_suggestions_a_minute_are_enough(serve: Serve, shelf: Shelf) -> None:
    assert shelf.word
    limited = await serve({"RATE_SUGGEST": "20/min"})
    await limited.dependencies.redis.delete("aisle:rate:{ip:127.0.0.1}:suggest:20/60")
    statuses = [(await limited.get(f"{V1}/search/suggest?q=ca")).status for _ in range(25)]
    assert statuses[:20] == [200] * 20
    assert 429 in statuses[20:]
