"""A real API on a free port of this process, over the real servers, and a client for it."""

import io
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from tornado.testing import bind_unused_port
from yarl import URL

from api.dependencies import Dependencies
from api.server import http_server
from api.settings import ApiSettings
from order_service.accounts.access_tokens import Principal
from order_service.accounts.create_user import NewAccount, create_user
from schemas.environment import load

V1 = "/api/v1"
OPEN_LIMITS = {
    f"RATE_{scope}": "1000000/min"
    for scope in (
        "ANON",
        "USER",
        "CATALOG",
        "CATALOG_ADMIN_WRITE",
        "SEARCH",
        "SUGGEST",
        "CLICKS",
        "AUTH",
        "ORDERS",
        "CART",
        "CART_WRITE",
    )
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def problem(self, status: int, name: str) -> Any:
        """The body as the problem that it must be."""
        assert (self.status, self.headers["Content-Type"]) == (status, "application/problem+json"), self.body
        found = self.json
        assert found["type"] == f"/problems/{name}"
        assert found["status"] == status
        assert found["detail"]
        assert found["request_id"] == self.headers["X-Request-Id"]
        return found

    def faulty_fields(self) -> set[str]:
        return {each["field"] for each in self.problem(400, "invalid-input")["errors"]}


@dataclass(frozen=True)
class Api:
    """A client of one running application; `headers` go with every request."""

    base: str
    session: aiohttp.ClientSession
    dependencies: Dependencies
    headers: Mapping[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        sent = {**self.headers, **(headers or {})}
        data = body
        if isinstance(body, bytes):
            data = io.BytesIO(body)
        elif body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        url = URL(self.base + path, encoded=True)
        async with self.session.request(method, url, data=data, headers=sent, allow_redirects=False) as got:
            return Answer(got.status, got.headers, await got.read())

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.call("GET", path, None, headers)

    async def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.call("POST", path, body, headers)

    async def made(self, path: str, body: Any) -> Any:
        """What a POST that must succeed made."""
        answer = await self.post(path, body)
        assert answer.status == 201, answer.body
        return answer.json

    def signed(self, token: str) -> "Api":
        return replace(self, headers={"Authorization": f"Bearer {token}"})


Serve = Callable[[Mapping[str, str]], Awaitable[Api]]
Join = Callable[[str], Awaitable[tuple[Api, Principal]]]


@pytest.fixture(scope="session")
async def serve(environment: Mapping[str, str]) -> AsyncIterator[Serve]:
    """Start an API with some variables of its own; all are stopped at the end."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        opened = []

        async def start(changed: Mapping[str, str]) -> Api:
            dependencies = Dependencies.open(load(ApiSettings, {**environment, **OPEN_LIMITS, **changed}))
            server = http_server(dependencies)
            sock, port = bind_unused_port()
            server.add_sockets([sock])
            opened.append((server, dependencies))
            return Api(f"http://127.0.0.1:{port}", session, dependencies)

        yield start
        for server, dependencies in opened:
            server.stop()
            await server.close_all_connections()
            await dependencies.close()


@pytest.fixture(scope="session")
async def api(serve: Serve) -> Api:
    """An API whose limits nobody meets; the caller has no token."""
    return await serve({})


@pytest.fixture(scope="session")
def join(api: Api) -> Join:
    """Create an account of the role and give a client that is signed in with it."""

    async def make(role: str) -> tuple[Api, Principal]:
        name = f"u{uuid.uuid4().hex[:12]}"
        deps = api.dependencies
        account = await create_user(
            deps.database, deps.hasher, NewAccount(name, f"{name}@example.com", f"horse-{name}", role)
        )
        return api.signed(deps.signer.sign(account)), Principal(account.id, role)

    return make


@pytest.fixture(scope="session")
async def staff(join: Join) -> Api:
    return (await join("staff"))[0]


@pytest.fixture
async def customer(join: Join) -> Api:
    return (await join("customer"))[0]


@pytest.fixture(scope="session")
async def store_id(staff: Api) -> int:
    return int((await staff.made(f"{V1}/stores", {"name": "Corner shop"}))["id"])


@pytest.fixture(scope="session")
async def category_id(staff: Api) -> int:
    return int((await staff.made(f"{V1}/categories", {"name": f"Things {uuid.uuid4().hex[:8]}"}))["id"])


NewProduct = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def new_product(staff: Api, store_id: int, category_id: int) -> NewProduct:
    """Create a product with so much on hand in the session's store."""

    async def make(stock: int = 5, price: str = "25.00", **fields: Any) -> Any:
        wanted = {"title": f"Thing {uuid.uuid4().hex[:10]}", "price": price, "category": category_id, **fields}
        product = await staff.made(f"{V1}/products", wanted)
        level = await staff.call("PUT", f"{V1}/stores/{store_id}/inventory/{product['id']}", {"on_hand": stock})
        assert level.status == 200, level.body
        return product

    return make
