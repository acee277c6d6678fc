"""One table from exceptions to problems: which type, what to say, which header fields; `handler` renders them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tornado.web import HTTPError

from api.problem_types import PROBLEM_TYPES_BY_NAME, ProblemType
from api.reading import faults
from api.rendering.merchandising import harm_body
from order_service import errors
from schemas.http_api.problem import FieldError, Problem
from schemas.money import to_amount
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


@dataclass
class ProviderRefused(Exception):
    """A payment provider refused what was asked of it; the rows on record are FAILED."""

    ids: list[str]
    reason: str
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
    fields = [FieldError(each.field, each.message) for each in error.faults]
    return Trouble("invalid-input", detail, fields, header_fields=_replayed(error.replayed))


def _cart_short(error: errors.CartShort) -> Trouble:
    return Trouble("cart-short", "Unable to update cart.", extra={"lines": [asdict(line) for line in error.lines]})


def _prices_changed(error: errors.PricesChanged) -> Trouble:
    lines = [
        {
            "product_id": each.product_id,
            "old_price": to_amount(each.old_minor, error.currency),
            "new_price": to_amount(each.new_minor, error.currency),
        }
        for each in error.changes
    ]
    extra = {"lines": lines, "currency": error.currency}
    return Trouble("prices-changed", _sentence(error.reason), extra=extra, header_fields=_replayed(error.replayed))


def _session_id_missing(_: faults.SessionIdMissing) -> Trouble:
    return Trouble("invalid-input", "Missing X-Session-Id.", [FieldError("X-Session-Id", "is required")])


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
    header_fields = _replayed(error.replayed)
    detail = "Insufficient stock for one or more items."
    return Trouble("insufficient-stock", detail, extra=extra, header_fields=header_fields)


def _provider_refused(error: ProviderRefused) -> Trouble:
    extra = {"ids": error.ids, "reason": error.reason}
    header_fields = {REPLAYED: "true"} if error.replayed else {}
    return Trouble("provider-refused", "The payment provider refused.", extra=extra, header_fields=header_fields)


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


def _replayed(replayed: bool) -> dict[str, str]:  # noqa: FBT001 - the field of the error, passed on
    return {REPLAYED: "true"} if replayed else {}


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
    errors.PricesChanged: _prices_changed,
    errors.CartShort: _cart_short,
    errors.CartEmpty: lambda error: Trouble(
        "cart-empty", "There is nothing to check out.", header_fields=_replayed(error.replayed)
    ),
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
    faults.SessionIdMissing: _session_id_missing,
    errors.NoOpenCart: lambda _: Trouble("not-found", "Not found."),
    InsufficientStock: _insufficient_stock,
    ProviderRefused: _provider_refused,
    HTTPError: _http_error,
}
