"""What every route has in common: ids, sizes, methods, tokens, limits, errors, the end of a process."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import aiohttp
import pytest
from structlog.testing import capture_logs
from tornado.testing import bind_unused_port

from api.access import Access, Rule
from api.application import ApiApplication
from api.handler import ApiHandler
from api.routing import Route, url_specs
from api.server import drain, http_server
from tests.integration.api.conftest import V1, Api, Serve

pytestmark = pytest.mark.servers
JSON = {"Content-Type": "application/json"}


async def test_a_sane_request_id_comes_back_and_any_other_is_replaced(api: Api) -> None:
    assert (await api.get("/health", {"X-Request-Id": "mine-1"})).headers["X-Request-Id"] == "mine-1"
    replaced = await api.get("/nowhere", {"X-Request-Id": "not mine!"})
    assert replaced.problem(404, "not-found")["request_id"] != "not mine!"


@pytest.mark.parametrize("method", ["BREW", "TRACE", "PUT"])
async def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_does(api: Api, method: str) -> None:
    answer = await api.call(method, f"{V1}/orders")
    answer.problem(405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


async def test_options_and_head_are_served(api: Api) -> None:
    options = await api.call("OPTIONS", f"{V1}/products")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    head = await api.call("HEAD", "/health")
    assert (head.status, head.body) == (200, b"")


async def test_a_slash_at_the_end_changes_nothing(api: Api) -> None:
    assert (await api.get(f"{V1}/products/")).json == (await api.get(f"{V1}/products")).json


@pytest.mark.parametrize(
    ("body", "headers", "status", "name"),
    [
        (b"{", JSON, 400, "malformed-body"),
        (b"[" * 100_000, JSON, 400, "malformed-body"),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        (b"x", {"Content-Type": "multipart/form-data"}, 400, "malformed-request"),
        (b" " * 2_000_000, JSON, 413, "body-too-large"),
        (b" " * 6_000_000, JSON, 413, "body-too-large"),
    ],
    ids=["half", "deep", "form", "multipart", "large", "very large"],
)
async def test_bodies_that_cannot_be_taken_are_refused(
    api: Api, body: bytes, headers: Mapping[str, str], status: int, name: str
) -> None:
    (await api.post(f"{V1}/orders", body, headers)).problem(status, name)


async def test_a_bad_token_is_refused_on_public_routes_too(api: Api) -> None:
    for authorization in ("Bearer x", "Basic eDp5"):
        answer = await api.get(f"{V1}/products", {"Authorization": authorization})
        answer.problem(401, "not-authenticated")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_who_is_nobody_signs_in_and_who_is_a_customer_may_not(api: Api, customer: Api) -> None:
    answer = await api.post(f"{V1}/products", {})
    answer.problem(401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="aisle"'
    (await customer.post(f"{V1}/products", {})).problem(403, "forbidden")


async def test_over_a_limit_the_client_is_told_how_long_to_wait(serve: Serve) -> None:
    limited = await serve({"RATE_CATALOG": "2/min", "RATE_ANON": "100/hour"})
    scopes = ("anon:100/3600", "catalog:2/60")
    await limited.dependencies.redis.delete(*[f"aisle:rate:{{ip:127.0.0.1}}:{scope}" for scope in scopes])
    first, second, third = [await limited.get(f"{V1}/stores") for _ in range(3)]
    assert (first.status, second.status) == (200, 200)
    assert first.headers["RateLimit-Policy"] == '"anon";q=100;w=3600, "catalog";q=2;w=60'
    assert '"catalog";r=0;' in second.headers["RateLimit"]
    third.problem(429, "rate-limited")
    assert 1 <= int(third.headers["Retry-After"]) <= 30
    assert '"catalog";r=0;' in third.headers["RateLimit"]
    assert (await limited.get("/health")).status == 200


async def test_without_redis_the_shop_stays_open_under_limits(serve: Serve) -> None:
    alone = await serve({"REDIS_URL": "redis://127.0.0.1:1/0", "RATE_CATALOG": "2/min"})
    with capture_logs() as logs:
        statuses = [(await alone.get(f"{V1}/stores")).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert [each["event"] for each in logs].count("rate limits are counted in this process: Redis is away") == 1
    ready = await alone.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (200, "degraded")
    assert ready.json["dependencies"]["redis"].startswith("away")


async def test_without_postgres_answers_are_503_and_say_when_to_come_back(serve: Serve) -> None:
    alone = await serve({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    answer = await alone.get(f"{V1}/products")
    answer.problem(503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    ready = await alone.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (503, "unavailable")


class Broken(ApiHandler):
    rules: ClassVar = {"GET": Rule(Access.ANYONE)}

    async def get(self) -> None:
        raise RuntimeError("password=hunter2")


class Torn(ApiHandler):
    rules: ClassVar = {"GET": Rule(Access.ANYONE)}

    async def get(self) -> None:
        self.write(b"[1")
        await self.flush()
        raise RuntimeError("half way")


class Slow(ApiHandler):
    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    entered: ClassVar = asyncio.Event()
    leave: ClassVar = asyncio.Event()

    async def get(self) -> None:
        self.entered.set()
        await self.leave.wait()
        self.answer({"done": True})


def with_routes(api: Api, *routes: Route) -> ApiApplication:
    application = ApiApplication(api.dependencies)
    application.add_handlers(".*", url_specs(routes, api.dependencies))
    return application


async def test_an_unforeseen_error_is_logged_by_its_request_and_not_shown(api: Api) -> None:
    server = http_server(api.dependencies, with_routes(api, Route("/broken", Broken)))
    sock, port = bind_unused_port()
    server.add_sockets([sock])
    with capture_logs() as logs:
        answer = await replace(api, base=f"http://127.0.0.1:{port}").get("/broken", {"X-Request-Id": "broken-1"})
    server.stop()
    answer.problem(500, "internal-error")
    assert b"hunter2" not in answer.body
    [error] = [each for each in logs if each["log_level"] == "error"]
    assert (error["request_id"], error["route"]) == ("broken-1", "/broken")


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(api: Api) -> None:
    server = http_server(api.dependencies, with_routes(api, Route("/torn", Torn)))
    sock, port = bind_unused_port()
    server.add_sockets([sock])
    with pytest.raises(aiohttp.ClientPayloadError):
        await replace(api, base=f"http://127.0.0.1:{port}").get("/torn")
    server.stop()
    assert api.dependencies.running.count == 0


async def test_a_stopping_server_finishes_what_runs(serve: Serve) -> None:
    api = await serve({})
    server = http_server(api.dependencies, with_routes(api, Route("/slow", Slow)))
    sock, port = bind_unused_port()
    server.add_sockets([sock])
    running = asyncio.create_task(replace(api, base=f"http://127.0.0.1:{port}").get("/slow"))
    await asyncio.wait_for(Slow.entered.wait(), 5)
    draining = asyncio.create_task(drain(server, api.dependencies))
    await asyncio.sleep(0)
    Slow.leave.set()
    assert (await running).json == {"done": True}
    await asyncio.wait_for(draining, 5)


async def test_each_request_is_logged_and_counted_by_its_template(api: Api) -> None:
    with capture_logs() as logs:
        await api.get(f"{V1}/products/999999", {"X-Request-Id": "seen-1"})
    [line] = [each for each in logs if each.get("request_id") == "seen-1"]
    assert (line["event"], line["route"], line["status"]) == ("request", f"{V1}/products/{{product_id}}", 404)
    assert line["ms"] > 0
    labels = {"method": "GET", "route": f"{V1}/products/{{product_id}}", "status": "404"}
    assert api.dependencies.metrics.registry.get_sample_value("aisle_http_requests_total", labels)


@pytest.mark.parametrize("raw", [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
async def test_what_is_not_http_is_refused_without_a_crash(api: Api, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(api.base.rpartition(":")[2]))
    writer.write(raw)
    assert (await reader.read()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()


async def test_pages_need_nothing_from_elsewhere(api: Api) -> None:
    for path in ("/", "/problems", "/problems/invalid-input"):
        page = await api.get(path)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b"https://" not in page.body
    (await api.get("/problems/none-such")).problem(404, "not-found")


async def test_an_unchanged_answer_is_not_sent_again(api: Api, store_id: int) -> None:
    path = f"{V1}/stores/{store_id}"
    tag = (await api.get(path)).headers["ETag"]
    again = await api.get(path, {"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


async def test_problems_are_json_with_every_member(api: Api) -> None:
    body = json.loads((await api.get("/nowhere")).body)
    assert list(body) == ["type", "title", "status", "detail", "request_id", "errors"]
