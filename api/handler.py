"""What every handler of the API has in common: who calls, what they may, how often, and how answers and errors look.

The modules in `handlers/` derive from ApiHandler; each declares a Rule per method and one coroutine per method.
"""

from time import perf_counter
from types import TracebackType
from typing import Any, ClassVar, TypeVar, cast

import msgspec
import structlog
from structlog.contextvars import bind_contextvars
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from api.access import Rule, check_access, client_key, counted_scopes, read_principal
from api.dependencies import Dependencies
from api.problems import trouble_of
from api.rate_limits.header_fields import longest_wait_s, rate_limit_fields
from api.reading.faults import BodyTooLarge, InvalidToken, MethodNotAllowed, RateLimited
from api.reading.index_tokens import HEADER as INDEX_TOKEN
from api.reading.index_tokens import to_token
from api.reading.query_parameters import QueryParameters
from api.reading.request_body import read_body
from api.request_ids import HEADER as REQUEST_ID
from api.request_ids import request_id_of
from order_service.accounts.access_tokens import Principal
from order_service.actor import Actor

Body = TypeVar("Body", bound=msgspec.Struct)

MAX_BODY_BYTES = 1024 * 1024
log = structlog.get_logger("api.access")


class ApiHandler(RequestHandler):
    """One request. `rules` names the methods that a route takes; any other is answered with 405 and `Allow`."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    rules: ClassVar[dict[str, Rule]] = {}
    tagged: ClassVar[bool] = False
    """Whether answers carry an ETag made of their bytes; off where nobody asks twice."""

    is_counted: ClassVar[bool] = True
    """Whether requests are counted in the rate limits; a load balancer's questions are not."""

    dependencies: Dependencies
    template: str
    earlier: bool
    request_id: str
    principal: Principal | None = None

    def initialize(self, dependencies: Dependencies, template: str, earlier: bool = False) -> None:  # noqa: FBT001, FBT002 - Tornado passes a route's options by name
        """Take the route's options; `earlier` asks for the shapes that earlier clients know."""
        self.dependencies = dependencies
        self.template = template
        self.earlier = earlier
        self._started = perf_counter()
        dependencies.running.begin()
        self.set_default_headers()

    def set_default_headers(self) -> None:
        """Name the request in every answer, errors included; Tornado calls this again before it renders an error."""
        if not hasattr(self, "request_id"):
            self.request_id = request_id_of(self.request.headers.get(REQUEST_ID))
        self.clear_header("Server")
        if hasattr(self, "dependencies") and self.dependencies.running.is_stopping:
            self.set_header("Connection", "close")
        self.set_header(REQUEST_ID, self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")

    async def prepare(self) -> None:
        """Count the request, then refuse it unless method, caller and size are in order."""
        bind_contextvars(request_id=self.request_id)
        if self.request.method == "OPTIONS":
            return
        rule = self._rule()
        invalid: InvalidToken | None = None
        try:
            self.principal = read_principal(self.request.headers.get("Authorization"), self.dependencies.signer)
        except InvalidToken as error:
            invalid = error
        if self.is_counted:
            await self._count(rule)
        if invalid:
            raise invalid
        check_access(rule.access, self.principal)
        if len(self.request.body) > MAX_BODY_BYTES:
            raise BodyTooLarge(MAX_BODY_BYTES)

    def _rule(self) -> Rule:
        method = self.request.method or ""
        rule = self.rules.get("GET" if method == "HEAD" else method)
        if rule is None:
            raise MethodNotAllowed(method, self.allowed_methods())
        return rule

    @classmethod
    def allowed_methods(cls) -> tuple[str, ...]:
        """Name the methods of this route; HEAD comes with GET."""
        return (
            *(("GET", "HEAD") if "GET" in cls.rules else ()),
            *(each for each in cls.rules if each != "GET"),
            "OPTIONS",
        )

    async def _count(self, rule: Rule) -> None:
        limiter = self.dependencies.limiter
        scopes = counted_scopes(rule, self.principal)
        verdicts = await limiter.take(client_key(self.principal, self.request.remote_ip or ""), scopes)
        self._rate_limit_fields = rate_limit_fields(scopes, limiter.limits, verdicts)
        for name, value in self._rate_limit_fields.items():
            self.set_header(name, value)
        if wait_s := longest_wait_s(verdicts):
            refusing = next(scope for scope, each in zip(scopes, verdicts, strict=True) if not each.allowed)
            self.dependencies.metrics.count_limited(refusing)
            raise RateLimited(refusing, wait_s)

    async def head(self, *args: str, **kwargs: str) -> None:
        """Answer as GET does; Tornado leaves the body out."""
        await self.get(*args, **kwargs)  # type: ignore[misc]  # a route with GET in its rules has a coroutine for it

    async def options(self, *_: str, **__: str) -> None:
        """Name the methods of this route."""
        self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.set_status(204)

    # --- what handlers use ------------------------------------------------------------------------------------

    @property
    def currency(self) -> str:
        """The shop's one currency."""
        return self.dependencies.settings.shop.currency

    @property
    def caller(self) -> Principal:
        """Who calls, on routes whose rule asks for somebody."""
        if self.principal is None:
            raise TypeError("this route's rule lets anyone in")
        return self.principal

    @property
    def actor(self) -> Actor:
        """The caller as the ledgers name them."""
        name = f"user:{self.principal.user_id}" if self.principal else "guest"
        return Actor(name, self.request_id)

    def parameters(self) -> QueryParameters:
        """Read the query string."""
        return QueryParameters(self.request.query)

    def body(self, kind: type[Body]) -> Body:
        """Read the JSON body; raises InvalidInput naming every faulty field, MalformedBody, UnsupportedMediaType."""
        content_type = self.request.headers.get("Content-Type", "")
        return read_body(kind, self.request.body, content_type, self.currency)

    def body_if_any(self, kind: type[Body]) -> Body:
        """Read the JSON body as `body` does; a request without one means every default of `kind`."""
        return self.body(kind) if self.request.body else kind()

    def answer(self, body: Any, status: int = 200) -> None:
        """Answer with a struct, or a list of structs, as JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))

    def answer_created(self, body: Any, location: str) -> None:
        """Answer 201 with where the new thing lives."""
        self.set_header("Location", location)
        self.answer(body, 201)

    def answer_page(self, html: str) -> None:
        """Answer with an HTML page that needs nothing from elsewhere."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        )
        self.finish(html)

    def send_index_token(self, versions: dict[int, int]) -> None:
        """Give the token with which a search waits for this write."""
        self.set_header(INDEX_TOKEN, to_token(versions))

    # --- errors and the end -----------------------------------------------------------------------------------

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Render the error; where an answer has begun, cut the connection: a part must not pass for the whole."""
        if self._headers_written:
            cast("HTTP1Connection", self.request.connection).stream.close()
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render whatever was raised as a problem; Tornado calls this."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, HTTPError) and status_code == 405:  # noqa: PLR2004 - Tornado's own, for a method it does not know
            error = MethodNotAllowed(self.request.method or "", self.allowed_methods())
        trouble = trouble_of(error or HTTPError(status_code))
        self.set_status(trouble.type.status)
        for name, value in {**getattr(self, "_rate_limit_fields", {}), **trouble.header_fields}.items():
            self.set_header(name, value)
        self.set_header("Content-Type", "application/problem+json")
        self.set_header("Cache-Control", "no-store")
        self.finish(trouble.to_problem(self.request_id).to_json())

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Log what nobody foresaw with its traceback; what a client did wrong is in the access log."""
        if isinstance(value, StreamClosedError):  # the client went away
            return
        if value is not None and trouble_of(value).name == "internal-error":
            log.error("unforeseen error", request_id=self.request_id, route=self.template, exc_info=(typ, value, tb))

    def compute_etag(self) -> str | None:
        """Make an ETag only where the handler asks for it."""
        return super().compute_etag() if self.tagged else None

    def on_finish(self) -> None:
        """Count and log the request."""
        seconds = perf_counter() - self._started
        metrics, method, status = self.dependencies.metrics, self.request.method or "", self.get_status()
        self.dependencies.running.end()
        metrics.observe(method if method in self.SUPPORTED_METHODS else "other", self.template, status, seconds)
        log.info(
            "request",
            request_id=self.request_id,
            method=method[:20],
            route=self.template,
            path=self.request.path[:200],
            status=status,
            ms=round(seconds * 1000, 2),
            client=self.request.remote_ip,
            user=self.principal.user_id if self.principal else None,
        )
