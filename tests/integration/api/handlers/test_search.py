"""Search and suggest over HTTP, on a real index."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.reading.index_tokens import to_token
from messaging.topics import ensure_topics
from order_service.database.engine import Database
from schemas.settings import KafkaSettings, SearchSettings
from search_indexer.elasticsearch_client import open_writing_client
from search_indexer.index.reindex import Rebuild, reindex
from tests.integration.api.conftest import V1, Api, NewProduct, Serve

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Shelf:
    """What the index of these tests was built from; `word` is in every title and nowhere else."""

    word: str
    cheap: Any
    dear: Any


@pytest.fixture(scope="module")
async def shelf(new_product: NewProduct, database: Database, settings_of: Callable[[type[Any]], Any]) -> Shelf:
    word = f"quill{uuid.uuid4().hex[:6]}"
    cheap = await new_product(3, "10.00", title=f"{word} lamp", brand="Lumo")
    dear = await new_product(0, "20.00", title=f"{word} torch", brand="Ignis")
    search, kafka = settings_of(SearchSettings), settings_of(KafkaSettings)
    await ensure_topics(kafka)
    client = open_writing_client(search)
    try:
        await reindex(Rebuild(client, database, search, kafka, "USD"))
    finally:
        await client.close()
    return Shelf(word, cheap, dear)


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


@pytest.mark.parametrize(
    "words",
    ['"', "\\", "a" * 5000, "\x00", "((((", "{}", "*:*", "AND OR NOT", "💥", "%", "../../etc/passwd", "' OR 1=1 --"],
)
async def test_hostile_words_answer(api: Api, shelf: Shelf, words: str) -> None:
    assert shelf.word
    assert (await api.get(f"{V1}/search/products?q={quote(words, safe='')}")).status in {200, 400}
    assert (await api.get(f"{V1}/search/suggest?q={quote(words, safe='')}")).status in {200, 400}


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


async def test_without_postgres_hits_come_without_quantities(serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    body = (await alone.get(f"{V1}/search/products?q={shelf.word}&facets=category")).json
    assert (body["count"], body["degraded"]) == (2, True)
    assert {hit["quantity"] for hit in body["results"]} == {None}


async def test_without_elasticsearch_searches_are_refused_and_orders_go_on(serve: Serve, shelf: Shelf) -> None:
    alone = await serve({"ELASTICSEARCH_URL": "http://127.0.0.1:1"})
    for path in ("products", "suggest"):
        answer = await alone.get(f"{V1}/search/{path}?q=x")
        answer.problem(503, "search-unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    assert (await alone.post(f"{V1}/orders", {"product_id": shelf.cheap["id"], "quantity": 1})).status == 201
    ready = await alone.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (200, "degraded")


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
