"""Whatever is sent to a search route is answered or refused with its reason; nothing of it is a fault of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text as sql

from order_service.database.engine import Database
from tests.factories.hostile_texts import HOSTILE_BYTES, HOSTILE_TEXTS
from tests.factories.ledger import rows
from tests.factories.waiting import until_answered
from tests.integration.api.conftest import V1, Answer, Api
from tests.integration.api.handlers.conftest import ADMIN, Shelve, search, word

pytestmark = pytest.mark.servers

SEARCH, SUGGEST, EXPLAIN = f"{V1}/search/products", f"{V1}/search/suggest", f"{V1}/search/explain"
AT_ONCE = 8
QUERY_ID = "01a1fe9d-6dad-71ae-bb80-d5ef21f4c0cd"


@pytest.fixture(scope="module", autouse=True)
async def shelved(shelve: Shelve, api: Api, database: Database) -> AsyncIterator[None]:
    """Something to find, for every script and for what an identifier looks like; the log is emptied in the end.

    Reports of other tests would ask every one of these queries again and again.
    """
    await shelve("HDMI cable", "كابل كبل", "ケーブル", "a" * 300, mpn="A1-A1-A1", description="<em>cable</em> & \u202e")
    yield
    last = word()
    await search(api, last)

    async def is_logged() -> bool:
        return bool(await rows(database, "SELECT 1 FROM search_log WHERE query = :q", q=last))

    await until_answered(is_logged, 60)
    async with database.writes.begin() as connection:
        await connection.execute(sql("DELETE FROM search_log"))


Call = Callable[[], Awaitable[Answer]]


async def answered(calls: Iterable[tuple[str, Call]]) -> dict[str, Answer]:
    """Make the calls, a few at a time, and give each answer under what was sent."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(call: Call) -> Answer:
        async with places:
            return await from_the_index(call)

    sent = dict(calls)
    return dict(zip(sent, await asyncio.gather(*(one(call) for call in sent.values())), strict=True))


async def from_the_index(call: Call) -> Answer:
    """Ask again while the fallback answers: on busy processors a search may take longer than a shopper may wait."""
    answers = [await call()]

    async def is_whole() -> bool:
        if b'"degraded"' in answers[-1].body:
            answers.append(await call())
        return b'"degraded"' not in answers[-1].body

    await until_answered(is_whole)
    return answers[-1]


def refused(answers: dict[str, Answer]) -> dict[str, str]:
    """Check that all are answered or refused, and give the field that each refused one names first.

    A refusal by Elasticsearch is a fault of ours although it is a 400, and so is an answer of the fallback.
    """
    odd = {sent[:200]: (answer.status, answer.body[:300]) for sent, answer in answers.items() if is_odd(answer)}
    assert odd == {}
    return {sent: answer.json["errors"][0]["field"] for sent, answer in answers.items() if answer.status == 400}


def is_odd(answer: Answer) -> bool:
    return answer.status not in {200, 400} or b"cannot be searched for" in answer.body or b'"degraded"' in answer.body


def as_query(name: str, texts: Iterable[str]) -> list[str]:
    return [f"{name}={quote(text, safe='')}" for text in texts if len(quote(text, safe="")) < 30_000]


@pytest.mark.parametrize(
    "path",
    [
        f"{SEARCH}?facets=brand,category,price,in_stock,attr.colour&in_stock=true&",
        f"{SEARCH}?mode=lexical&sort=title&page=3&",
        f"{SEARCH}?mode=hybrid&price_min=1&",
        f"{SUGGEST}?store_id=1&",
        f"{EXPLAIN}?product_id=7000000001&brand=HP&",
    ],
)
async def test_any_text_is_answered_or_too_long(staff: Api, path: str) -> None:
    queries = as_query("q", HOSTILE_TEXTS)
    answers = await answered((query, partial(staff.get, f"{path}{query}")) for query in queries)
    assert set(refused(answers).values()) == {"q"}
    assert sum(answer.status == 200 for answer in answers.values()) > len(queries) / 2


@pytest.mark.parametrize("name", ["brand", "category", "attr.colour", "facets", "cursor", "store_id", "price_max"])
async def test_any_filter_value_is_answered_or_named(staff: Api, name: str) -> None:
    answers = await answered(
        (query, partial(staff.get, f"{SEARCH}?q=cable&{query}")) for query in as_query(name, HOSTILE_TEXTS)
    )
    assert set(refused(answers).values()) <= {name}


async def test_any_parameter_name_is_answered_or_named(staff: Api) -> None:
    names = [f"attr.{text}" for text in HOSTILE_TEXTS] + [text for text in HOSTILE_TEXTS if text.strip()]
    queries = [urlencode({name: "x"}) for name in names if len(quote(name)) < 30_000]
    refused(await answered((query, partial(staff.get, f"{SEARCH}?{query}")) for query in queries))
    facets = [urlencode({"facets": f"attr.{text}", f"attr.{text}": text[:200]}) for text in HOSTILE_TEXTS]
    refused(await answered((query, partial(staff.get, f"{SEARCH}?{query}")) for query in facets if len(query) < 30_000))


async def test_bytes_that_are_no_text_are_refused(staff: Api) -> None:
    queries = [f"q={quote(each, safe='%')}" for each in HOSTILE_BYTES]
    for path in (SEARCH, SUGGEST, f"{EXPLAIN}?product_id=1&"):
        refused(
            await answered(
                (query, partial(staff.get, f"{path}{'&' if '?' in path else '?'}{query}")) for query in queries
            )
        )


async def test_as_many_filters_as_are_taken_are_answered_and_more_are_refused(staff: Api) -> None:
    many = {"brand": 50, "category": 50, "attr.colour": 50, "attr.length": 49}
    most = urlencode([(name, f"v{each}" * 20) for name, count in many.items() for each in range(count)])
    keys = urlencode([(f"attr.key {each}", "x" * 200) for each in range(99)])
    too_many = [f"{most}&brand=a&brand=b", urlencode([(f"attr.k{each}", "x") for each in range(201)])]
    every_facet = urlencode({"facets": ",".join(f"attr.k{each}" for each in range(20))})
    for path in (SEARCH, f"{EXPLAIN}?product_id=1"):
        mark = "&" if "?" in path else "?"
        taken = [most, keys, every_facet, f"q={quote('a b ' * 200)}&{keys}"]
        answers = await answered((query, partial(staff.get, f"{path}{mark}{query}")) for query in [*taken, *too_many])
        assert set(refused(answers)) == set(too_many)


async def test_synonyms_and_rules_of_any_text_are_previewed_or_named(staff: Api) -> None:
    texts = [text for text in HOSTILE_TEXTS if len(text) <= 1_000]
    for place, text in enumerate(texts):
        term, other, queries = text[:100], texts[place - 1][:100], [text[:400], "cable"]
        rule = {"id": 1, "query": term, "match": "contains", "hide": [1]}
        narrowing = {"id": 2, "query": "cable", "filter": {"brand": [term], "attributes": {other: [term]}}}
        bodies: dict[str, dict[str, Any]] = {
            f"{ADMIN}/synonyms/preview": {"sets": [{"words": [term, other]}, {"from": term, "words": ["cable"]}]},
            f"{ADMIN}/rules/preview": {"rules": [rule, narrowing]},
        }
        calls = ((path, partial(staff.post, path, {**body, "queries": queries})) for path, body in bodies.items())
        for field in refused(await answered(calls)).values():
            assert field.startswith(("sets[", "rules[", "queries["))


async def test_reports_and_clicks_take_nothing_that_breaks_them(staff: Api) -> None:
    refused(
        await answered(
            (query, partial(staff.get, f"{ADMIN}/reports?{query}")) for query in as_query("days", HOSTILE_TEXTS)
        )
    )
    zero_results = await staff.get(f"{ADMIN}/reports/zero-results?days=1&page_size=20")
    assert zero_results.status == 200, zero_results.body
    for text in HOSTILE_TEXTS:
        click = {"query_id": text, "product_id": text, "position": text}
        assert (await staff.post(f"{V1}/clicks", click)).faulty_fields() == set(click)
    beyond = {"query_id": QUERY_ID, "product_id": 2**63, "position": 0}
    assert (await staff.post(f"{V1}/clicks", beyond)).faulty_fields() == {"product_id", "position"}


async def test_any_index_token_is_refused_by_name(staff: Api) -> None:
    texts = [quote(text, safe="")[:4_000] for text in HOSTILE_TEXTS if text.strip()]
    answers = await answered((text, partial(staff.get, f"{SEARCH}?q=cable", {"Index-Token": text})) for text in texts)
    assert set(refused(answers).values()) == {"Index-Token"}
