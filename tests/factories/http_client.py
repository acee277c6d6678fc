"""A small blocking HTTP client for tests that talk to a running API from outside."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, lower-case headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class HttpClient:
    """Calls one API, signed in or not; every call is a connection of its own."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._url = urlsplit(base_url)
        self._base_url = base_url
        self._token = token

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send one request and read the whole answer; raises OSError when nobody listens."""
        sent = dict(headers or {})
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        target = path + ("?" + urlencode(params, doseq=True) if params else "")
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=30)
        try:
            connection.request(method, target, None if body is None else json.dumps(body), sent)
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()

    def get(self, path: str, **params: object) -> Any:
        """GET and give the JSON; fails the test on any other status than 200."""
        answer = self.call("GET", path, params=params)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json

    def send(self, method: str, path: str, body: object, expect: int) -> Any:
        """Send JSON and give the JSON; fails the test on any other status than the expected."""
        answer = self.call(method, path, body)
        assert answer.status == expect, (path, answer.status, answer.body)
        return answer.json if answer.body else None

    def signed_in(self, email: str, password: str) -> "HttpClient":
        """Sign in and give a client that carries the token."""
        tokens = self.send("POST", "/api/v1/auth/login", {"email": email, "password": password}, 200)
        return HttpClient(self._base_url, tokens["access"])
