"""One table from exceptions to problems: which type, what to say, which header fields; `handler` renders them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tornado.web import HTTPError

from api.problem_types import PROBLEM_TYPES_BY_NAME, ProblemType
from api.reading import faults
from api.rendering.merchandising import harm_body
from order_service import errors
from schemas.http_api.problem import FieldError, Problem
from search_indexer import errors as search_errors
from search_indexer.relevance.change_gate import ChangeRefused

REPLAYED = "Idempotent-Replayed"
REALM = 'Bearer realm="aisle"'


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem before it is tied to a request."""

    name: str
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    header_fields: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> ProblemType:
        """The kind of problem."""
        return PROBLEM_TYPES_BY_NAME[self.name]

    def to_problem(self, request_id: str) -> Problem:
        """Tie it to the request."""
        kind = self.type
        return Problem(kind.uri, kind.title, kind.status, self.detail, request_id, self.errors, self.extra)


@dataclass
class InsufficientStock(Exception):
    """An order was recorded as REJECTED; raised by the order handler for clients of the present API."""

    order_id: str
    lines: list[dict[str, int]]
    replayed: bool = False


def trouble_of(error: BaseException) -> Trouble:
    """Find the problem of an exception, by its class or the nearest class above; unknown ones are internal errors."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind](error)
    return Trouble("internal-error", "The fault is ours; it was logged under the request id.")


def _invalid_input(error: errors.InvalidInput) -> Trouble:
    named = ", ".join(dict.fromkeys(each.field for each in error.faults[:5]))
    detail = f"Faulty: {named}." if len(error.faults) <= 5 else f"Faulty: {named} and more."  # noqa: PLR2004 - enough to read
    return Trouble("invalid-input", detail, [FieldError(each.field, each.message) for each in error.faults])


def _malformed_body(error: faults.MalformedBody) -> Trouble:
    return Trouble("malformed-body", f"The body cannot be read: {error.reason}.", [FieldError("body", error.reason)])


def _not_found(error: errors.NotFound) -> Trouble:
    return Trouble("not-found", f"There is no {error.kind} {error.key}.")


def _stock_below_reserved(error: errors.StockBelowReserved) -> Trouble:
    return Trouble("stock-below-reserved", _sentence(error.reason), extra={"reserved": error.reserved})


def _forbidden_move(error: errors.ForbiddenMove) -> Trouble:
    where = f"It may go to {', '.join(error.allowed)}." if error.allowed else "It may not go anywhere."
    detail = f"An order that is {error.current} cannot become {error.wanted}. {where}"
    return Trouble("forbidden-move", detail, extra={"allowed": error.allowed})


def _insufficient_stock(error: InsufficientStock) -> Trouble:
    extra = {"order_id": error.order_id, "lines": error.lines}
    header_fields = {REPLAYED: "true"} if error.replayed else {}
    detail = "Insufficient stock for one or more items."
    return Trouble("insufficient-stock", detail, extra=extra, header_fields=header_fields)


def _harmful_change(error: ChangeRefused) -> Trouble:
    return Trouble("harmful-change", f"{error}.", extra={"harms": [harm_body(harm) for harm in error.harms]})


def _method_not_allowed(error: faults.MethodNotAllowed) -> Trouble:
    allowed = ", ".join(error.allowed)
    detail = f"{error.method[:20]} is not a method of this path; {allowed} are."
    return Trouble("method-not-allowed", detail, header_fields={"Allow": allowed})


def _rate_limited(error: faults.RateLimited) -> Trouble:
    detail = f"The limit of {error.scope} is used up for {error.retry_after} s."
    return Trouble("rate-limited", detail, header_fields=_retry_after(error.retry_after))


def _http_error(error: HTTPError) -> Trouble:
    return Trouble("malformed-request", "The request cannot be read.", [FieldError("request", error.log_message or "")])


def _retry_after(wait_s: int) -> dict[str, str]:
    return {"Retry-After": str(max(1, wait_s))}


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _challenge(error_code: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'{REALM}, error="{error_code}"' if error_code else REALM}


TABLE: Mapping[type[BaseException], Callable[[Any], Trouble]] = {
    errors.InvalidInput: _invalid_input,
    errors.NotFound: _not_found,
    errors.Conflict: lambda error: Trouble("conflict", _sentence(error.reason)),
    errors.StockBelowReserved: _stock_below_reserved,
    errors.ForbiddenMove: _forbidden_move,
    errors.StillReferenced: lambda error: Trouble("still-referenced", _sentence(error.reason)),
    errors.NotAuthenticated: lambda _: Trouble(
        "not-authenticated", "The credentials are not valid.", header_fields=_challenge("")
    ),
    errors.TooManyAttempts: lambda error: Trouble(
        "too-many-attempts", "Sign-in failed too often.", header_fields=_retry_after(error.retry_after)
    ),
    errors.IdempotencyKeyReused: lambda _: Trouble(
        "idempotency-key-reused", "This Idempotency-Key was used with another body."
    ),
    errors.IdempotencyInProgress: lambda error: Trouble(
        "idempotency-in-progress",
        "The first request with this key is running.",
        header_fields=_retry_after(error.retry_after),
    ),
    errors.Unavailable: lambda error: Trouble(
        "unavailable", "The database cannot serve this now.", header_fields=_retry_after(error.retry_after)
    ),
    search_errors.SearchUnavailable: lambda error: Trouble(
        "search-unavailable", "The search engine does not answer.", header_fields=_retry_after(error.retry_after)
    ),
    search_errors.IndexGone: lambda error: Trouble(
        "search-unavailable", "The search engine does not answer.", header_fields=_retry_after(error.retry_after)
    ),
    search_errors.SearchTimeout: lambda error: Trouble(
        "search-unavailable", "The search engine did not answer in time.", header_fields=_retry_after(error.retry_after)
    ),
    search_errors.SearchRefused: lambda _: Trouble(
        "invalid-input", "The search engine cannot answer this.", [FieldError("q", "cannot be searched for")]
    ),
    search_errors.StaleVersion: lambda error: Trouble(
        "stale-version", f"Version {error.current} is in effect, not {error.given}.", extra={"version": error.current}
    ),
    ChangeRefused: _harmful_change,
    faults.MalformedBody: _malformed_body,
    faults.UnsupportedMediaType: lambda error: Trouble(
        "unsupported-media-type",
        f"This route reads application/json, not {error.given[:100] or 'a body without a type'}.",
    ),
    faults.BodyTooLarge: lambda error: Trouble("body-too-large", f"A body may have {error.limit} bytes."),
    faults.RouteNotFound: lambda error: Trouble("not-found", f"There is nothing at {error.path[:200]}."),
    faults.MethodNotAllowed: _method_not_allowed,
    faults.Forbidden: lambda error: Trouble("forbidden", f"This needs the role {error.needed}."),
    faults.InvalidToken: lambda _: Trouble(
        "not-authenticated", "The token is expired or not valid.", header_fields=_challenge("invalid_token")
    ),
    faults.TokenMissing: lambda _: Trouble(
        "not-authenticated", "This needs a token: Authorization: Bearer ….", header_fields=_challenge("")
    ),
    faults.RateLimited: _rate_limited,
    InsufficientStock: _insufficient_stock,
    HTTPError: _http_error,
}
